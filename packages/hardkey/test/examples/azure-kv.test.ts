// examples/azure-kv.ts as a process of its own, against the emulator as another.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createKeys } from 'hardkey';
import { azureKv } from 'hardkey/providers/azure-kv';
import { azureProcess } from '../support/azure-process.ts';

const PROGRAM = join(import.meta.dirname, '../../../../examples/azure-kv.ts');
const azure = await azureProcess();
Object.assign(process.env, azure);

test('it signs, encrypts and opens both ways', async () => {
  const {
    AZURE_KEYVAULT_URL: vaultUrl = '',
    AZURE_AUTHORITY_HOST: authorityHost = '',
    NODE_EXTRA_CA_CERTS: ca = '',
  } = azure;
  await using keys = createKeys([azureKv({ vaultUrl, authorityHost, ca: readFileSync(ca, 'utf8') })]);
  const nameOf = (key: string): string => `azurekms://${new URL(vaultUrl).host}/${key}`;
  const issuer = await keys.create(nameOf('issuer'), { algorithm: 'ES256' });
  await keys.create(nameOf('readers'), { algorithm: 'RSA-OAEP-256', bits: 2048 });
  const args = ['--conditions=@hk/source', PROGRAM];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: process.env,
  });
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(stdout, `Ada Example true ${String(issuer.ref)}\nAda Example true\n`);
});
