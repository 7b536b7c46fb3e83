// The key manager over a token, a TPM, a keyring and a folder: the same calls, and the same answers.
import assert from 'node:assert/strict';
import { createHash, verify } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeys, type KeyProvider } from 'hardkey';
import { createKeyManager, type KeyManager, type ManagedBackend } from 'hardkey/key-manager';
import { file } from 'hardkey/providers/file';
import { keyring } from 'hardkey/providers/keyring';
import { tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../scripts/components/index.ts';
import { skip as noKeyring } from '../providers/keyring/support.ts';
import { folderFor, missingForTokens, softToken } from '../providers/pkcs11/support.ts';
import { failsWith } from '../support/failures.ts';
import { swtpmFor } from '../support/swtpm.ts';

/** A backend that runs until the test ends. */
interface Running {
  readonly provider: KeyProvider;
  readonly refOf: (label: string) => string;
  readonly place: string;
}

const BACKENDS: Readonly<
  Record<string, { readonly skip: string | false; start(t: TestContext): Promise<Running> }>
> = {
  pkcs11: {
    skip: missingForTokens('softhsm2') ?? false,
    async start(t) {
      const { provider, ref } = softToken(t);
      return { provider: provider(), refOf: ref, place: 'token' };
    },
  },
  tpm: {
    skip: component('swtpm').missing ?? false,
    async start(t) {
      const { device, state } = await swtpmFor(t);
      const folder = join(state, 'keys');
      mkdirSync(folder);
      return {
        provider: tpm({ device, folder }),
        refOf: (label) => `tpm:file=${folder}/${label}.pem`,
        place: 'tpm',
      };
    },
  },
  keyring: {
    skip: noKeyring,
    start: async () => ({
      provider: keyring(),
      refOf: (label) => `keyring:service=hardkey;account=${label}`,
      place: 'os',
    }),
  },
  file: {
    skip: false,
    start: async (t) => ({
      provider: file({ store: join(folderFor(t), 'keys'), unencrypted: true }),
      refOf: (label) => `file:${label}`,
      place: 'file',
    }),
  },
};

const MESSAGE = new TextEncoder().encode('an artifact');
const DIGEST = Uint8Array.from(createHash('sha384').update(MESSAGE).digest());

/** A pair of the usual curve, by every call there is. */
async function livesAndDies(manager: KeyManager, backend: string, place: string): Promise<void> {
  const { keyId, publicKeyPem, ref } = await manager.generateKeyPair(undefined, 'artifacts', { backend });
  const { keys } = await manager.listKeys();
  const fingerprint = await manager.fingerprint(keyId);
  assert.deepEqual(
    keys
      .filter((one) => one.backend === backend)
      .map((one) => [one.id, one.label, one.type, one.custody.place, one.state, one.fingerprint]),
    [[keyId, 'artifacts', 'EC P-384', place, 'active', fingerprint]],
  );
  assert.equal(await manager.algorithm(keyId), 'ES384');
  for (const name of [keyId, fingerprint, ref]) assert.equal(await manager.publicKeyPem(name), publicKeyPem);
  const signature = await manager.signDigest(keyId, DIGEST);
  assert.ok(verify('sha384', MESSAGE, { key: publicKeyPem, dsaEncoding: 'ieee-p1363' }, signature));
  await manager.verifySignature(keyId, DIGEST, signature);
  const other = Uint8Array.from(DIGEST, (byte, at) => (at === 0 ? byte ^ 1 : byte));
  await assert.rejects(manager.verifySignature(keyId, other, signature), failsWith('VERIFICATION_FAILED'));
  await manager.deleteKey(keyId);
  await assert.rejects(manager.publicKey(keyId), failsWith('KEY_NOT_FOUND'));
}

for (const [scheme, { skip, start }] of Object.entries(BACKENDS)) {
  test(`a pair in ${scheme} is generated, listed, used by its digest, and deleted`, { skip }, async (t) => {
    const { provider, refOf, place } = await start(t);
    await using keys = createKeys([provider]);
    await livesAndDies(createKeyManager(keys, { backends: [{ scheme, refOf }] }), scheme, place);
  });
}

const all = Object.values(BACKENDS).map(({ skip }) => skip);

test('all of them at once are one manager, and a label may be in each', {
  skip: all.find((one) => one !== false) ?? false,
}, async (t) => {
  const running = new Map<string, Running>();
  for (const [scheme, { start }] of Object.entries(BACKENDS)) running.set(scheme, await start(t));
  const backends = [...running].map(([scheme, { refOf }]): ManagedBackend => ({ scheme, refOf }));
  await using keys = createKeys([...running.values()].map(({ provider }) => provider));
  const manager = createKeyManager(keys, { backends });
  const pairs = [];
  for (const { scheme: backend } of backends) {
    pairs.push(await manager.generateKeyPair('P-256', 'twin', { backend }));
  }
  const { keys: listed, unavailable } = await manager.listKeys();
  assert.deepEqual(
    listed.map(({ id }) => id),
    pairs.map(({ keyId }) => keyId),
  );
  assert.deepEqual(unavailable, []);
  await assert.rejects(manager.publicKey('twin'), failsWith('ARGUMENT_INVALID', { field: 'key' }));
  for (const { keyId, publicKeyPem } of pairs) {
    assert.equal(await manager.publicKeyPem(keyId), publicKeyPem);
    await manager.deleteKey(keyId);
  }
  assert.deepEqual((await manager.listKeys()).keys, []);
});
