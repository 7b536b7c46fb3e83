// examples/ten-lines.ts as a process of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { importPublicKey } from 'hardkey';

const PROGRAM = join(import.meta.dirname, '../../../../examples/ten-lines.ts');

test('it verifies its signature and prints the public key', async () => {
  const args = ['--conditions=@hk/source', PROGRAM];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  const { curve, toPem } = await importPublicKey(stdout);
  assert.deepEqual([curve, `${toPem()}\n`], ['Ed25519', stdout]);
});
