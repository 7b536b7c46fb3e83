// examples/gcp-kms.ts as a process of its own, against the emulator in another.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { createKeys } from 'hardkey';
import { gcpKms } from 'hardkey/providers/gcp-kms';
import { RING } from '../support/gcp.ts';
import { startElsewhere } from '../support/gcp-elsewhere.ts';

const PROGRAM = join(import.meta.dirname, '../../../../examples/gcp-kms.ts');

test('it signs, encrypts and opens both ways', async () => {
  const endpoint = `http://127.0.0.1:${(await startElsewhere()).port}`;
  await using keys = createKeys([gcpKms({ endpoint })]);
  const issuer = await keys.create(`gcpkms://${RING}/cryptoKeys/issuer`, { algorithm: 'ES256' });
  await keys.create(`gcpkms://${RING}/cryptoKeys/readers`, { algorithm: 'RSA-OAEP-256', bits: 2048 });
  const env = { ...process.env, RING, HARDKEY_GCPKMS_ENDPOINT: endpoint };
  const args = ['--conditions=@hk/source', PROGRAM];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(stdout, `Ada Example true ${String(issuer.ref)}\nAda Example true\n`);
});
