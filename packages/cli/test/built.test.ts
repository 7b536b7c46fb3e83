import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const PACKAGE = join(import.meta.dirname, '..');
const built = existsSync(join(PACKAGE, 'dist/main.js'));

/** The bin, on what `npm run build` made. */
function bin(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(PACKAGE, 'bin/hardkey.cjs'), ...args],
    {
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

test('the bin runs the command and ends with its status', { skip: built ? false : 'npm run build' }, () => {
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
