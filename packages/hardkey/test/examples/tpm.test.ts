// examples/tpm.ts as a process of its own, on a TPM whose maker certified it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../../scripts/components/index.ts';
import { manufacture, swtpmFor } from '../support/swtpm.ts';

const PROGRAM = join(import.meta.dirname, '../../../../examples/tpm.ts');

test('a TPM is enrolled, keeps a secret and says what its registers hold', {
  skip: component('swtpm').missing ?? false,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-example-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { state, roots } = manufacture(folder);
  const { device } = await swtpmFor(t, { from: state });
  const maker = join(folder, 'maker.pem');
  writeFileSync(maker, roots);
  const env = { PATH: process.env['PATH'], TPM_DEVICE: device, MAKER: maker };
  const args = ['--conditions=@hk/source', PROGRAM];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  assert.equal(stderr, '');
  assert.match(stdout, /^endorsed by: CN=/);
  const zeros = '0'.repeat(64);
  assert.ok(
    stdout.endsWith(`enrolled: true\nunsealed: a passphrase\nsha256 0 ${zeros}\nsha256 7 ${zeros}\n`),
    stdout,
  );
});
