// The roles in deploy/azure, given to applications of the emulator, which holds them to each action.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type KeyProvider, type KeyWrapper, parseKeyRef, type Signer } from 'hardkey';
import {
  application,
  asApplication,
  azureConfig,
  emulator,
  unused,
  useAzureEnvironment,
} from '../../support/azure.ts';
import { failsWith } from '../../support/failures.ts';

const MESSAGE = new TextEncoder().encode('message');
useAzureEnvironment(await emulator());
const config = await azureConfig();

async function inRole(name: 'sign' | 'wrap' | 'manage'): Promise<KeyProvider> {
  const path = join(import.meta.dirname, '../../../../../deploy/azure', `${name}.json`);
  const { DataActions } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly DataActions: readonly string[];
  };
  return asApplication(await application(...DataActions));
}

const newRef = () => parseKeyRef(unused(config.vaultUrl));

test('each role may do what it is for, and nothing else', async (t) => {
  const [issuer, reader, manager] = [await inRole('sign'), await inRole('wrap'), await inRole('manage')];
  t.after(() => Promise.all([issuer, reader, manager].map((provider) => provider.close())));
  const [signing, wrapping] = [newRef(), newRef()];
  await manager.create?.(signing, { algorithm: 'ES256' });
  await manager.create?.(wrapping, { algorithm: 'RSA-OAEP-256', bits: 2048 });

  await issuer.check?.(signing);
  await reader.check?.(wrapping);
  const signer = (provider: KeyProvider): Promise<Signer> =>
    provider.open(signing).then((key) => key.use('ES256'));
  const wrapper = (provider: KeyProvider): Promise<KeyWrapper> =>
    provider.open(wrapping).then((key) => key.use('RSA-OAEP-256'));
  const wrapped = await (await wrapper(manager)).wrap(MESSAGE);
  for (const provider of [reader, manager]) {
    await assert.rejects((await signer(provider)).sign(MESSAGE), failsWith('DENIED'));
  }
  for (const provider of [issuer, manager]) {
    await assert.rejects((await wrapper(provider)).unwrap(wrapped), failsWith('DENIED'));
  }
  for (const provider of [issuer, reader]) {
    await assert.rejects(
      async () => provider.create?.(newRef(), { algorithm: 'ES256' }),
      failsWith('DENIED'),
    );
    await assert.rejects(async () => provider.rotate?.(signing), failsWith('DENIED'));
    await assert.rejects(async () => provider.setState?.(signing, 'suspended'), failsWith('DENIED'));
    await assert.rejects(async () => provider.destroy?.(signing), failsWith('DENIED'));
  }

  await manager.rotate?.(signing);
  await manager.setState?.(signing, 'compromised');
  await manager.setState?.(signing, 'active');
  await (await signer(issuer)).sign(MESSAGE);
  await manager.destroy?.(signing);
  await assert.rejects(signer(issuer), failsWith('KEY_NOT_FOUND'));
});
