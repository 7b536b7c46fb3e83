// Keys are changed by what the service says of them, and of no others.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Fault } from '@hardkey/emulators';
import { type Key, type KeyProvider, type KeyRef, parseKeyRef } from 'hardkey';
import { azureKv } from 'hardkey/providers/azure-kv';
import { azureConfig, emulator, unused, useAzureEnvironment } from '../../support/azure.ts';
import { failsWith } from '../../support/failures.ts';

const emulated = await emulator();
const { faults } = emulated;
useAzureEnvironment(emulated);
const config = await azureConfig();
const provider = azureKv(config) as Required<KeyProvider>;
after(() => provider.close());

async function made(): Promise<{ readonly key: Key; readonly name: KeyRef }> {
  const name = parseKeyRef(unused(config.vaultUrl));
  return { name, key: await provider.create(name, { algorithm: 'ES256' }) };
}

/** Changes a key while an answer is another one, or none. */
async function changing(fault: Fault, change: () => Promise<unknown>): Promise<void> {
  faults.add(fault);
  try {
    await change();
    assert.deepEqual(faults.waiting(), [], 'the fault happened');
  } finally {
    faults.clear();
  }
}

test('a change that is answered of another key is SIGNER_MISMATCH', async () => {
  const [{ key }, other] = [await made(), await made()];
  const kid = `https:${other.key.ref.body.replace(/^(\/\/[^/]+)/, '$1/keys')}`;
  const set = { key: { ...other.key.publicKey?.toJwk(), kid, key_ops: [] }, attributes: { enabled: false } };
  await changing({ method: 'updateKey', set }, () =>
    assert.rejects(provider.setState(key.ref, 'suspended'), failsWith('SIGNER_MISMATCH')),
  );
});

test('a version that is not as it was asked to be is UNAVAILABLE', async () => {
  const { key } = await made();
  const kid = `https:${key.ref.body.replace(/^(\/\/[^/]+)/, '$1/keys')}`;
  const signing = { ...key.publicKey?.toJwk(), kid, key_ops: ['sign', 'verify'] };
  for (const [state, set] of [
    ['suspended', { attributes: { enabled: true } }],
    ['compromised', { key: signing }],
  ] as const) {
    await changing({ method: 'updateKey', set }, () =>
      assert.rejects(provider.setState(key.ref, state), failsWith('UNAVAILABLE', { field: 'state' })),
    );
  }
});

test('a version whose place another has taken does not get it back, compromised or not', async () => {
  const { key, name } = await made();
  await provider.setState(name, 'compromised');
  await provider.rotate(name);
  assert.equal((await provider.open(key.ref)).state, 'compromised');
  await provider.setState(key.ref, 'active');
  const again = await provider.open(key.ref);
  assert.equal(again.state, 'active');
  await assert.rejects(again.use('ES256').sign(new Uint8Array(1)), failsWith('DENIED', { field: 'state' }));
  const current = await provider.open(name);
  assert.equal((await current.use('ES256').sign(new Uint8Array(1))).length, 64);
});

test('a key that is deleted is, whatever befalls the question for it afterwards', async () => {
  const { name } = await made();
  await changing({ method: 'getDeletedKey', status: 503 }, () => provider.destroy(name));
  await assert.rejects(provider.open(name), failsWith('KEY_NOT_FOUND'));
  const { name: kept } = await made();
  await changing({ method: 'deleteKey', status: 503 }, () =>
    assert.rejects(provider.destroy(kept), failsWith('UNAVAILABLE', { operation: 'delete' })),
  );
  await provider.open(kept);
});

test('a verdict that is missing is UNAVAILABLE, and no refusal', async () => {
  const { key } = await made();
  const message = new TextEncoder().encode('message');
  const signature = await key.use('ES256').sign(message);
  for (const fault of [{ set: { value: null } }, { body: '{}' }, { body: '[]' }]) {
    const asked = () => azureKv(config).verifyAtService(key.ref, 'ES256', message, signature);
    await changing({ method: 'verify', ...fault }, () =>
      assert.rejects(asked(), failsWith('UNAVAILABLE', { operation: 'verify' })),
    );
  }
});

test('what is unwrapped comes from the key that was asked', async () => {
  const spec = { algorithm: 'RSA-OAEP-256', bits: 2048 } as const;
  const wrapper = (await provider.create(parseKeyRef(unused(config.vaultUrl)), spec)).use('RSA-OAEP-256');
  const wrapped = await wrapper.wrap(new Uint8Array(32));
  for (const set of [{ kid: null }, { value: '' }, { value: null }]) {
    await changing({ method: 'unwrapKey', set }, () =>
      assert.rejects(wrapper.unwrap(wrapped), failsWith('UNAVAILABLE', { operation: 'unwrapKey' })),
    );
  }
});
