import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientSecretCredential } from '@azure/identity';
import { KeyClient } from '@azure/keyvault-keys';
import { createKeys, type Key, type KeyWrapper, parseKeyRef, verify } from 'hardkey';
import { decode, encode } from 'hardkey/formats/claim169';
import { type AzureKvConfig, azureKv, type KeyClient as KeyClientSlice } from 'hardkey/providers/azure-kv';
import { memory } from 'hardkey/providers/memory';
import { AT, issuerFor, META } from '../../formats/claim169/support.ts';
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
const emulated = await emulator();
useAzureEnvironment(emulated);
const config = await azureConfig();
const { vaultUrl, ca, authorityHost } = config;
const { host } = new URL(vaultUrl);
const keys = createKeys([azureKv(config)]);
const client = new KeyClient(
  vaultUrl,
  new ClientSecretCredential(emulated.tenantId, emulated.clientId, emulated.clientSecret, {
    authorityHost,
    disableInstanceDiscovery: true,
    tlsOptions: { ca },
  }),
  { disableChallengeResourceVerification: true, tlsOptions: { ca }, retryOptions: { maxRetries: 0 } },
);

/** The name of a new key. */
function newName(): string {
  return unused(vaultUrl).split('/').at(-1) ?? '';
}

function refOf(name: string, version?: string): string {
  return `azurekms://${host}/${name}${version === undefined ? '' : `/${version}`}`;
}

test('a configuration that cannot work is ARGUMENT_INVALID', () => {
  const wrong: readonly (readonly [field: string, config: object])[] = [
    ['azurekms.vault', { vault: 'a' }],
    ['azurekms.vaultUrl', { vaultUrl: 'http://example.vault.azure.net' }],
    ['azurekms.vaultUrl', { vaultUrl: 'https://user:password@example.vault.azure.net' }],
    ['azurekms.vaultUrl', { vaultUrl: 'https://example.vault.azure.net/keys' }],
    ['azurekms.authorityHost', { authorityHost: 'login.example.com' }],
    ['azurekms.credential', { credential: {} }],
    ['azurekms.client', { client: { vaultUrl } }],
    ['azurekms.vaultUrl', { client, vaultUrl }],
    ['azurekms.credential', { client, credential: { getToken: async () => null } }],
    ['azurekms.ca', { ca: '/etc/ca.pem' }],
    ['azurekms.key', { key: 'a' }],
    ['azurekms.key', { vaultUrl, key: 'a_b' }],
    ['azurekms.key', { vaultUrl, key: 'https://other.vault.azure.net/keys/a' }],
    ['azurekms.vault', { vaultUrl, key: 'azurekms://other.vault.azure.net/a' }],
    ['azurekms.vault', { key: 'azurekms://vault.example/a' }],
    ['azurekms.key', { vaultUrl, key: 'azurekms:' }],
    ['azurekms', { vaultUrl, key: 'azurekms://example.vault.azure.net' }],
    ['azurekms.hardware', { hardware: 'yes' }],
    ['azurekms.allowForeign', { allowForeign: 1 }],
    ['azurekms.tags', { tags: { a: 1 } }],
    ['azurekms.tags', { tags: Object.fromEntries(Array.from({ length: 14 }, (_, at) => [`t${at}`, ''])) }],
    ['azurekms.timeoutMs', { timeoutMs: 0 }],
  ];
  for (const [field, given] of wrong) {
    assert.throws(() => azureKv(given as AzureKvConfig), failsWith('ARGUMENT_INVALID', { field }), field);
  }
});

test('without a configured vault, only hosts that Azure gives are asked', async () => {
  const provider = azureKv({ credential: { getToken: () => assert.fail('no token is asked for') } });
  for (const other of ['localhost:1', 'vault.azure.net', 'vault.azure.net.example.com', 'example.com']) {
    await assert.rejects(
      provider.open(parseKeyRef(`azurekms://${other}/a`)),
      failsWith('ARGUMENT_INVALID', { field: 'azurekms.vault' }),
    );
  }
});

test('an empty body stands for the configured key, by its name, version or URL', async () => {
  const made = await keys.create(refOf(newName()), { algorithm: 'ES256' });
  const [, , , name = '', version = ''] = made.ref.toString().split('/');
  for (const key of [name, `${name}/${version}`, `${vaultUrl}/keys/${name}`, refOf(name), String(made.ref)]) {
    await using named = createKeys([azureKv({ ...config, key })]);
    assert.equal(String((await named.open('azurekms:')).ref), String(made.ref));
  }
  await assert.rejects(keys.open('azurekms:'), failsWith('ARGUMENT_INVALID', { field: 'azurekms.key' }));
});

test('the version is pinned when the key is opened, and every version verifies after a rotation', async () => {
  const ref = refOf(newName());
  await keys.create(ref, { algorithm: 'ES384' });
  const before = await keys.open(ref);
  const signature = await before.use('ES384').sign(MESSAGE);
  const current = await keys.rotate(ref);
  assert.match(String(before.ref), /\/[0-9a-f]{32}$/);
  assert.notEqual(String(current.ref), String(before.ref));
  // The service itself refuses what was opened before.
  await assert.rejects(before.use('ES384').sign(MESSAGE), failsWith('DENIED', { field: 'key_ops' }));
  const old = await keys.open(before.ref);
  await assert.rejects(old.use('ES384').sign(MESSAGE), failsWith('DENIED', { field: 'state' }));
  await verify(publicKeyOf(old), 'ES384', MESSAGE, signature);
  await assert.rejects(keys.rotate(before.ref), failsWith('DENIED', { field: 'state' }));
  const listed: string[] = [];
  for await (const info of keys.list()) if (info.label === current.label) listed.push(String(info.ref));
  assert.deepEqual(listed, [String(current.ref), String(before.ref)]);
});

test('a key of another name in small letters is the same key', async () => {
  const name = `${newName()}-Capital`;
  const made = await keys.create(refOf(name), { algorithm: 'ES256' });
  assert.equal((await keys.open(refOf(name.toLowerCase()))).id, made.id);
});

test('what unwraps and what wrapped is one key, also after a rotation, and the old one wraps no more', async () => {
  const ref = refOf(newName());
  const before = await keys.create(ref, { algorithm: 'RSA-OAEP-256', bits: 2048 });
  const contentKey = new Uint8Array(32).fill(7);
  const wrapped = await before.use('RSA-OAEP-256').wrap(contentKey);
  const current = await keys.rotate(ref);
  const old = await keys.open(before.ref);
  assert.deepEqual(await old.use('RSA-OAEP-256').unwrap(wrapped), contentKey);
  await assert.rejects(old.use('RSA-OAEP-256').wrap(contentKey), failsWith('DENIED', { field: 'state' }));
  await assert.rejects(current.use('RSA-OAEP-256').unwrap(wrapped), failsWith('DECRYPTION_FAILED'));
  await keys.setState(ref, 'compromised');
  const compromised = (await keys.open(ref)).use('RSA-OAEP-256');
  await assert.rejects(compromised.wrap(contentKey), failsWith('DENIED', { field: 'state' }));
  const rotated = (await keys.rotate(ref)).use('RSA-OAEP-256');
  assert.deepEqual(await rotated.unwrap(await rotated.wrap(contentKey)), contentKey);
});

test('a credential is encrypted to the public key, for others as well, and the vault opens it', async (t) => {
  const reader = await keys.create(refOf(newName()), { algorithm: 'RSA-OAEP-256', bits: 2048 });
  await using elsewhere = createKeys([memory()]);
  const other = await elsewhere.create('memory:other', { algorithm: 'A256KW' });
  const { signer, trust } = await issuerFor(t);
  const identity = { id: '1', fullName: 'Ada' };
  const encryptTo = [publicKeyOf(reader), other.use('A256KW')];
  const { text } = await encode(identity, META, { signer, encryptTo });
  for (const decryptWith of [reader.use('RSA-OAEP-256'), other.use('A256KW')]) {
    const decoded = await decode(text, { trust, at: AT, decryptWith });
    assert.deepEqual([decoded.identity, decoded.isVerified()], [identity, true]);
  }
});

test('a key that is only for decrypting unwraps', async () => {
  const name = newName();
  await client.createKey(name, 'RSA', { keySize: 2048, keyOps: ['decrypt'] });
  const key = await keys.open(refOf(name));
  assert.deepEqual(key.algorithms, ['RSA-OAEP-256']);
  const wrapper: KeyWrapper = key.use('RSA-OAEP-256');
  assert.deepEqual(await wrapper.unwrap(await wrapper.wrap(MESSAGE)), MESSAGE);
});

test('an RSA key for everything has every algorithm', async () => {
  const name = newName();
  await client.createKey(name, 'RSA', { keySize: 2048 });
  const { algorithms } = await keys.open(refOf(name));
  const all = ['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'RSA-OAEP-256'] as const;
  assert.deepEqual(algorithms.toSorted(), all.toSorted());
});

test('a key that may not sign is UNSUPPORTED', async () => {
  const name = newName();
  await client.createKey(name, 'EC', { curve: 'P-256', keyOps: ['verify'] });
  await assert.rejects(keys.open(refOf(name)), failsWith('UNSUPPORTED', { field: 'key_ops' }));
});

test('an expired key and one that is not valid yet sign nothing', async () => {
  const [expired, early] = [newName(), newName()];
  const dates = { expiresOn: new Date(Date.now() - 60_000), notBefore: new Date(Date.now() + 3_600_000) };
  const made = { keySize: 2048, keyOps: ['sign', 'verify', 'wrapKey', 'unwrapKey'] };
  await client.createKey(expired, 'RSA', { ...made, expiresOn: dates.expiresOn });
  await client.createKey(early, 'RSA', { ...made, notBefore: dates.notBefore });
  for (const [name, field] of [
    [expired, 'expires'],
    [early, 'notBefore'],
  ] as const) {
    const key = await keys.open(refOf(name));
    await assert.rejects(key.use('PS256').sign(MESSAGE), failsWith('DENIED', { field }));
    await assert.rejects(keys.check(refOf(name)), failsWith('DENIED', { field }));
  }
});

test('an expired key still unwraps', async () => {
  const name = newName();
  const made = await client.createKey(name, 'RSA', { keySize: 2048, keyOps: ['wrapKey', 'unwrapKey'] });
  const wrapped = await (await keys.open(refOf(name))).use('RSA-OAEP-256').wrap(MESSAGE);
  const version = made.properties.version ?? '';
  await client.updateKeyProperties(name, version, { expiresOn: new Date(Date.now() - 1000) });
  const expired = (await keys.open(refOf(name))).use('RSA-OAEP-256');
  assert.deepEqual(await expired.unwrap(wrapped), MESSAGE);
  await assert.rejects(expired.wrap(MESSAGE), failsWith('DENIED', { field: 'expires' }));
});

test("others' keys are used, and not changed unless that is allowed", async () => {
  const name = newName();
  await client.createKey(name, 'EC', { curve: 'P-256', tags: { owner: 'somebody' } });
  const ref = refOf(name);
  await keys.check(ref);
  const field = 'azurekms.allowForeign';
  await assert.rejects(keys.setState(ref, 'suspended'), failsWith('DENIED', { field }));
  await assert.rejects(keys.rotate(ref), failsWith('DENIED', { field }));
  await assert.rejects(keys.destroy(ref), failsWith('DENIED', { field }));
  await using bold = createKeys([azureKv({ ...config, allowForeign: true })]);
  await bold.setState(ref, 'compromised');
  assert.equal((await bold.open(ref)).state, 'compromised');
  await bold.setState(ref, 'active');
  await (await bold.rotate(ref)).use('ES256').sign(MESSAGE);
  assert.deepEqual((await client.getKey(name)).properties.tags, { owner: 'somebody' });
  await bold.destroy(ref);
});

test('what is made is tagged, and made in hardware where that is wanted', async () => {
  const config_ = { ...config, tags: { team: 'issuing' }, hardware: true };
  await using own = createKeys([azureKv(config_)]);
  const name = newName();
  const made = await own.create(refOf(name), { algorithm: 'ES256K' });
  const found = await client.getKey(name);
  assert.deepEqual(found.properties.tags, { team: 'issuing', 'hardkey:name': name });
  assert.equal(found.keyType, 'EC-HSM');
  assert.equal(made.custody.facts['hardware'], true);
  assert.equal(made.custody.level, 'attributed');
});

test('what Key Vault cannot make is refused before it is asked', async () => {
  await assert.rejects(keys.create(refOf(newName()), { algorithm: 'Ed25519' }), failsWith('UNSUPPORTED'));
  await assert.rejects(
    keys.create(refOf(newName()), { algorithm: 'PS256', bits: 1024 }),
    failsWith('ARGUMENT_INVALID'),
  );
  await assert.rejects(
    keys.create(refOf(newName(), 'a1'), { algorithm: 'ES256' }),
    failsWith('ARGUMENT_INVALID', { field: 'azurekms.version' }),
  );
});

test('nothing is imported', async () => {
  assert.equal(azureKv(config).import, undefined);
});

test('a key that was deleted has its name until it is purged, and no version is deleted alone', async () => {
  const ref = refOf(newName());
  const made = await keys.create(ref, { algorithm: 'ES256' });
  await assert.rejects(keys.destroy(made.ref), failsWith('UNSUPPORTED', { field: 'azurekms.version' }));
  await keys.destroy(ref);
  await assert.rejects(keys.open(made.ref), failsWith('KEY_NOT_FOUND'));
  await assert.rejects(keys.create(ref, { algorithm: 'ES256' }), (error) => {
    failsWith('KEY_EXISTS')(error);
    assert.match(String(error), /purged/);
    return true;
  });
});

test('the service verifies where it is asked to, also what a version signed that signs no more', async () => {
  const provider = azureKv(config);
  for (const algorithm of ['ES256', 'ES512', 'ES256K', 'PS256', 'RS512'] as const) {
    const ref = refOf(newName());
    const bits = /^[PR]S/.test(algorithm) ? { bits: 2048 } : {};
    const key = await keys.create(ref, { algorithm, ...bits });
    const signature = await key.use(algorithm).sign(MESSAGE);
    await keys.rotate(ref);
    await provider.verifyAtService(key.ref, algorithm, MESSAGE, signature);
    const changed = Uint8Array.from(signature, (byte, at) => (at === 20 ? byte ^ 1 : byte));
    for (const wrong of [changed, signature.subarray(1), new Uint8Array()]) {
      const asked = provider.verifyAtService(key.ref, algorithm, MESSAGE, wrong);
      await assert.rejects(asked, failsWith('VERIFICATION_FAILED', { check: 'signature' }));
    }
    const asked = provider.verifyAtService(key.ref, 'ES384', MESSAGE, new Uint8Array(96));
    await assert.rejects(asked, failsWith('UNSUPPORTED', { algorithm: 'ES384' }));
  }
  await provider.close();
});

test('who may not have the service verify is DENIED, and an opinion of the SDK alone is none', async () => {
  const key = await keys.create(refOf(newName()), { algorithm: 'ES256' });
  const signature = await key.use('ES256').sign(MESSAGE);
  const reader = await asApplication(await application('Key Vault Reader'));
  const denied = reader.verifyAtService(key.ref, 'ES256', MESSAGE, signature);
  await assert.rejects(denied, failsWith('DENIED', { operation: 'verify' }));
  await reader.close();
  const judging: KeyClientSlice = Object.assign(Object.create(client), {
    getCryptographyClient: () => ({ verify: async () => ({ result: true }) }),
  });
  const asked = azureKv({ client: judging }).verifyAtService(key.ref, 'ES256', MESSAGE, signature);
  await assert.rejects(asked, failsWith('UNAVAILABLE', { operation: 'verify' }));
});

test('the first calls of a provider may come at once, each with its body', async () => {
  await using fresh = createKeys([azureKv(config)]);
  const refs = Array.from({ length: 4 }, () => refOf(newName()));
  const made = await Promise.all(refs.map((ref) => fresh.create(ref, { algorithm: 'ES256' })));
  const signatures = await Promise.all(
    made.flatMap((key) => [1, 2, 3].map(() => key.use('ES256').sign(MESSAGE))),
  );
  assert.equal(signatures.length, 12);
});

test('a client of the SDK is used as it is', async () => {
  const name = newName();
  await using given = createKeys([azureKv({ client })]);
  const made = await given.create(refOf(name), { algorithm: 'ES512' });
  await verify(publicKeyOf(made), 'ES512', MESSAGE, await made.use('ES512').sign(MESSAGE));
  await assert.rejects(
    given.open('azurekms://other.vault.azure.net/a'),
    failsWith('ARGUMENT_INVALID', { field: 'azurekms.vault' }),
  );
});

test('what a client of the SDK remembers of a key does not outlast a refusal', async () => {
  const name = newName();
  const provider = azureKv({ client, allowForeign: true });
  const ref = parseKeyRef(refOf(name));
  const created = await client.createKey(name, 'EC', { curve: 'P-256' });
  const key = await provider.open(ref);
  await key.use('ES256').sign(MESSAGE);
  const version = created.properties.version ?? '';
  await client.updateKeyProperties(name, version, { keyOps: ['verify'] });
  await assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('DENIED', { field: 'key_ops' }));
  await assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('DENIED', { field: 'key_ops' }));
  await client.updateKeyProperties(name, version, { keyOps: ['sign', 'verify'] });
  await key
    .use('ES256')
    .sign(MESSAGE)
    .catch(() => undefined);
  await key.use('ES256').sign(MESSAGE);
});

test('checking a key proves that it may be used, and not only looked at', async () => {
  const signing = refOf(newName());
  await keys.create(signing, { algorithm: 'ES256' });
  const wrapping = refOf(newName());
  await keys.create(wrapping, { algorithm: 'RSA-OAEP-256', bits: 2048 });
  const reader = await asApplication(await application('Key Vault Reader'));
  const wrapper = await asApplication(await application('Key Vault Crypto Service Encryption User'));
  const user = await asApplication(await application('Key Vault Crypto User'));
  try {
    for (const ref of [signing, wrapping].map(parseKeyRef)) {
      await user.check?.(ref);
      await reader.open(ref);
      await assert.rejects(async () => reader.check?.(ref), failsWith('DENIED'));
    }
    await wrapper.check?.(parseKeyRef(wrapping));
    await assert.rejects(async () => wrapper.check?.(parseKeyRef(signing)), failsWith('DENIED'));
    await assert.rejects(
      async () => user.create?.(parseKeyRef(refOf(newName())), { algorithm: 'ES256' }),
      failsWith('DENIED'),
    );
  } finally {
    for (const provider of [reader, wrapper, user]) await provider.close();
  }
});

test('checking a key for an algorithm proves that, and not another thing that the key may do', async () => {
  const name = newName();
  await client.createKey(name, 'RSA', { keySize: 2048, keyOps: ['sign', 'verify', 'wrapKey', 'unwrapKey'] });
  const wrapper = await asApplication(await application('Key Vault Crypto Service Encryption User'));
  await using wrapping = createKeys([wrapper]);
  await wrapping.check(refOf(name), { algorithm: 'RSA-OAEP-256' });
  await assert.rejects(wrapping.check(refOf(name), { algorithm: 'PS256' }), failsWith('DENIED'));
  await assert.rejects(wrapping.check(refOf(name)), failsWith('DENIED'));
  await keys.check(refOf(name), { algorithm: 'PS256' });
  await assert.rejects(keys.check(refOf(name), { algorithm: 'ES256' }), failsWith('UNSUPPORTED'));
});

test('who may not look at keys is refused, and makes no version of a key that is there', async () => {
  const maker = await asApplication(await application('Microsoft.KeyVault/vaults/keys/create/action'));
  const name = newName();
  await keys.create(refOf(name), { algorithm: 'ES256' });
  await assert.rejects(
    async () => maker.create?.(parseKeyRef(refOf(name)), { algorithm: 'ES256' }),
    failsWith('DENIED'),
  );
  await maker.close();
  let versions = 0;
  for await (const _ of client.listPropertiesOfKeyVersions(name)) versions += 1;
  assert.equal(versions, 1);
});

test('a fingerprint refuses a name that leads to another key', async () => {
  const ref = refOf(newName());
  const made = await keys.create(ref, { algorithm: 'ES256' });
  const { fingerprint } = publicKeyOf(made);
  await keys.open(ref, { fingerprint });
  await keys.rotate(ref);
  await assert.rejects(keys.open(ref, { fingerprint }), failsWith('SIGNER_MISMATCH'));
});

test('keys of many pages are all listed, and only of a configured vault', async () => {
  const names = Array.from({ length: 30 }, () => newName());
  await Promise.all(names.map((name) => client.createKey(name, 'EC', { curve: 'P-256' })));
  const found = new Set<string | undefined>();
  for await (const { label } of keys.list()) found.add(label);
  assert.deepEqual(
    names.filter((name) => !found.has(name)),
    [],
  );
  const anywhere = azureKv({ authorityHost, ca });
  await assert.rejects(
    async () => anywhere.list?.()[Symbol.asyncIterator]().next(),
    failsWith('ARGUMENT_INVALID', { field: 'azurekms.vaultUrl' }),
  );
});

function publicKeyOf({ publicKey }: Key): NonNullable<Key['publicKey']> {
  assert.ok(publicKey);
  return publicKey;
}
