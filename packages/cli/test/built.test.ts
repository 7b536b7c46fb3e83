import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

/** The modules of the repository that the bin runs: what V8 says of them, which the loader has no part in. */
function modulesOf(args: readonly string[], node: string, options: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-built-'));
  try {
    const env = { HOME: folder, NODE_V8_COVERAGE: folder, NODE_OPTIONS: options };
    assert.equal(spawnSync(node, [BIN, ...args], { env }).status, 0);
    const [file = ''] = readdirSync(folder).filter((name) => name.startsWith('coverage-'));
    const { result } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      readonly result: readonly { readonly url: string }[];
    };
    return result.map(({ url }) => url).filter((url) => url.includes('/packages/'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const [name, { path, missing }] of Object.entries({
  'this Node': { path: process.execPath, missing: undefined },
  'the oldest Node': node22,
}))
  test(`the modules that the bin finds are those that ${name} finds by itself`, {
    skip: unbuilt ?? missing ?? false,
  }, () => {
    for (const args of [
      ['key', 'list', '--names'],
      ['key', 'list', '--help'],
    ]) {
      const found = modulesOf(args, path, '');
      // What is loaded before the command has the bin stand aside.
      assert.deepEqual(found.toSorted(), modulesOf(args, path, '--require=node:path').toSorted());
      assert.ok(found.length > 30);
    }
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
