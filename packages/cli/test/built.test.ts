import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';

const PACKAGE = join(import.meta.dirname, '..');
const BIN = join(PACKAGE, 'bin/hardkey.cjs');
const unbuilt = existsSync(join(PACKAGE, 'dist/main.js')) ? undefined : 'npm run build';
const node22 = component('node-22');

/** The bin, on what `npm run build` made. */
function bin(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the bin runs the command and ends with its status', { skip: unbuilt ?? false }, () => {
  const help = bin('key', '--help');
  assert.deepEqual([help.status, help.stderr], [0, '']);
  assert.match(help.stdout, /^Usage: hardkey key /);
  assert.deepEqual(bin('nope'), {
    status: 64,
    stdout: '',
    stderr: 'hardkey: no such command (ARGUMENT_INVALID field=command)\n',
  });
  assert.match(bin('completion', 'fish').stdout, /^# Completion of hardkey for fish\.\n/);
});

test('the quickstart of the build ends well on the oldest Node that is supported', {
  skip: unbuilt ?? node22.missing ?? false,
}, () => {
  const home = mkdtempSync(join(tmpdir(), 'hardkey-built-'));
  try {
    const env = { HOME: home, TMPDIR: home, PATH: process.env['PATH'] };
    const { status, stdout, stderr } = spawnSync(node22.path, [BIN, 'quickstart'], { encoding: 'utf8', env });
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /\n {3}status {7}verified\n/);
    assert.match(stdout, /\n {3}exit status 1: rejected\n/);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
