import assert from 'node:assert/strict';
import { createHmac, createPublicKey, verify as nodeVerify } from 'node:crypto';
import { after, test } from 'node:test';
import type { GcpKms } from '@hardkey/emulators';
import {
  type Aead,
  createKeys,
  createTrust,
  type DigestSigner,
  type Key,
  type KeyInfo,
  type KeyProvider,
  type KeySpec,
  type KeyState,
  type KeyWrapper,
  type Mac,
  parseKeyRef,
  type Signer,
  verify,
} from 'hardkey';
import { decode, encode } from 'hardkey/formats/claim169';
import { type GcpKmsConfig, gcpKms } from 'hardkey/providers/gcp-kms';
import { crc32cOf } from '../../../src/providers/gcp-kms/checksums.ts';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { gcpEmulator, PATIENT, RING } from '../../support/gcp.ts';
import { grpcDoor } from '../../support/grpc-door.ts';
import { sharedKey, unused } from './subject.ts';

const MESSAGE = new TextEncoder().encode('message');
const providers: KeyProvider[] = [];
after(() => Promise.all(providers.map((provider) => provider.close())));

async function providerWith(config: GcpKmsConfig = {}): Promise<KeyProvider> {
  const { address } = await gcpEmulator();
  const provider = gcpKms({ ...PATIENT, endpoint: `http://${address}`, keyRing: RING, ...config });
  providers.push(provider);
  return provider;
}

const usual = providerWith();

async function made(
  spec: KeySpec,
  config?: GcpKmsConfig,
): Promise<{ readonly ref: string; readonly key: Key }> {
  const provider = config === undefined ? await usual : await providerWith(config);
  const ref = unused();
  const key = await provider.create?.(parseKeyRef(ref), spec);
  assert.ok(key);
  return { ref, key };
}

/** A call as somebody else makes it, over REST. */
async function rest(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const { url } = await gcpEmulator();
  const headers = { 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
  const answer = await fetch(`${url}/v1/${path}`, { method, ...sent });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return (await answer.json()) as Record<string, unknown>;
}

const nameOf = (ref: string): string => ref.replace('gcpkms://', '');
const versionOf = ({ ref }: KeyInfo): string => String(ref).replace(/.*\//, '');
const open = async (ref: string): Promise<Key> => (await usual).open(parseKeyRef(ref));

// RFC 3720 §B.4, and the check value of the CRC catalogue.
test('CRC32C is Castagnoli’s', () => {
  assert.equal(crc32cOf(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32cOf(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32cOf(Uint8Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e);
  assert.equal(crc32cOf(Uint8Array.from({ length: 32 }, (_, at) => 31 - at)), 0x113fdb5c);
  assert.equal(crc32cOf(new TextEncoder().encode('123456789')), 0xe3069283);
  assert.equal(crc32cOf(new Uint8Array()), 0);
});

test('OpenSSL verifies what is signed, with the public key that the service shows', async () => {
  const { ref, key } = await made({ algorithm: 'ES384' });
  const signature = await (key.use('ES384') as Signer).sign(MESSAGE);
  const { pem } = await rest('GET', `${nameOf(ref)}/cryptoKeyVersions/1/publicKey`);
  const publicKey = createPublicKey(String(pem));
  assert.ok(nodeVerify('sha384', MESSAGE, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature));
});

test('digests are signed as they are', async () => {
  const { key } = await made({ algorithm: 'PS512' });
  assert.equal(key.publicKey?.bits, 4096);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-512', MESSAGE));
  const signature = await (key.useDigest('PS512') as DigestSigner).signDigest(digest);
  const constants = { padding: 6, saltLength: 64 };
  assert.ok(nodeVerify('sha512', MESSAGE, { key: key.publicKey?.toPem() ?? '', ...constants }, signature));
});

test('RSA keys have the length that is asked for, and those there are not are UNSUPPORTED', async () => {
  assert.equal((await made({ algorithm: 'RS256', bits: 2048 })).key.publicKey?.bits, 2048);
  assert.equal((await made({ algorithm: 'PS256' })).key.publicKey?.bits, 3072);
  for (const spec of [
    { algorithm: 'PS512', bits: 2048 },
    { algorithm: 'ES512' },
    { algorithm: 'PS384' },
    { algorithm: 'Ed448' },
    { algorithm: 'A256KW' },
  ] as const) {
    await assert.rejects(made(spec), failsWith('UNSUPPORTED', { algorithm: spec.algorithm }));
  }
  await assert.rejects(made({ algorithm: 'PS256', bits: 1024 }), failsWith('ARGUMENT_INVALID'));
});

test('secp256k1 is made in an HSM, and the key says so', async () => {
  const { key } = await made({ algorithm: 'ES256K' });
  assert.equal(key.custody.facts['protectionLevel'], 'HSM');
  assert.equal(key.custody.level, 'attributed');
});

test('the latest version that is enabled is meant, and stays the one that was opened', async () => {
  const { ref, key } = await made({ algorithm: 'ES256' });
  assert.equal(versionOf(key), '1');
  await rest('POST', `${nameOf(ref)}/cryptoKeyVersions`, {});
  const second = await open(ref);
  assert.equal(versionOf(second), '2');
  // Nobody said that the first one is over: the service lets it sign, and so do we.
  const first = await open(`${ref}/cryptoKeyVersions/1`);
  await verify(publicOf(key), 'ES256', MESSAGE, await first.use('ES256').sign(MESSAGE));
  await verify(publicOf(key), 'ES256', MESSAGE, await key.use('ES256').sign(MESSAGE));
  const mask = 'updateMask=state';
  await rest('PATCH', `${nameOf(ref)}/cryptoKeyVersions/2?${mask}`, { state: 'DISABLED' });
  assert.equal(versionOf(await open(ref)), '1');
  await assert.rejects(second.use('ES256').sign(MESSAGE), failsWith('DENIED', { field: 'state' }));
});

test('smallstep’s names open the same key and the same version', async () => {
  const { ref, key } = await made({ algorithm: 'ES256' });
  const name = nameOf(ref);
  for (const text of [
    `cloudkms:${name}`,
    `cloudkms:${name}/cryptoKeyVersions/1`,
    `cloudkms:resource=${name}/cryptoKeyVersions/1`,
  ]) {
    assert.equal(String((await open(text)).ref), String(key.ref));
  }
});

test('a key that is disabled here does not fall back to an earlier version', async () => {
  const { ref } = await made({ algorithm: 'ES256' });
  await rest('POST', `${nameOf(ref)}/cryptoKeyVersions`, {});
  await (await usual).setState?.(parseKeyRef(ref), 'suspended');
  const key = await open(ref);
  assert.deepEqual([versionOf(key), key.state], ['2', 'suspended']);
  await assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('DENIED', { field: 'state' }));
  const shown = await (await providerWith()).open(parseKeyRef(ref));
  assert.equal(shown.publicKey, undefined, 'the service shows none of a disabled version');
  assert.throws(() => shown.use('ES256'), failsWith('DENIED', { field: 'state' }));
});

test('the primary version wraps, every version unwraps, and re-wrapping moves to the primary', async () => {
  const { ref, key } = await made({ algorithm: 'service' });
  const before = key.use('service') as KeyWrapper;
  const old = await before.wrap(MESSAGE);
  const rotated = await (await usual).rotate?.(parseKeyRef(ref));
  assert.equal(rotated && versionOf(rotated), '2');
  const current = (await open(ref)).use('service') as KeyWrapper;
  assert.deepEqual(await current.unwrap(old), MESSAGE);
  const renewed = await current.wrap(await current.unwrap(old));
  await (await usual).setState?.(parseKeyRef(`${ref}/cryptoKeyVersions/1`), 'suspended');
  assert.deepEqual(await current.unwrap(renewed), MESSAGE);
  await assert.rejects(current.unwrap(old), failsWith('DENIED', { field: 'state' }));
  const { primary } = await rest('GET', nameOf(ref));
  assert.match(JSON.stringify(primary), /cryptoKeyVersions\/2"/);
});

test('what is wrapped is bound to the associated data of the configuration', async () => {
  const { ref, key } = await made({ algorithm: 'service' }, { additionalAuthenticatedData: 'tenant 1' });
  const wrapped = await (key.use('service') as KeyWrapper).wrap(MESSAGE);
  assert.deepEqual(await (key.use('service') as KeyWrapper).unwrap(wrapped), MESSAGE);
  const other = (await open(ref)).use('service') as KeyWrapper;
  await assert.rejects(other.unwrap(wrapped), failsWith('DECRYPTION_FAILED'));
});

test('AES-GCM is what WebCrypto has, and its nonces are the service’s', async () => {
  const { key } = await made({ algorithm: 'A128GCM' });
  const aead = key.use('A128GCM') as Aead;
  const nonce = new Uint8Array(12);
  await assert.rejects(
    aead.encrypt(MESSAGE, MESSAGE, { nonce }),
    failsWith('UNSUPPORTED', { field: 'nonce' }),
  );
});

test('limits are kept before anything is sent', async (t) => {
  const { port } = await gcpEmulator();
  const door = await grpcDoor(port);
  t.after(() => door.close());
  const provider = await providerWith({ endpoint: `http://127.0.0.1:${door.port}`, protectionLevel: 'HSM' });
  const hsm = await provider.create?.(parseKeyRef(unused()), { algorithm: 'A256GCM' });
  const mac = (await provider.create?.(parseKeyRef(unused()), { algorithm: 'HS256' }))?.use('HS256') as Mac;
  const code = await mac.mac(new Uint8Array(16_384));
  const service = await provider.open(parseKeyRef(await sharedKey('service')));
  const ed25519 = await provider.open(parseKeyRef(await sharedKey('Ed25519')));
  const rsa = await provider.open(parseKeyRef(await sharedKey('RSA-OAEP-256')));
  const before = door.requests();
  const aead = hsm?.use('A256GCM') as Aead;
  const big = new Uint8Array(65_537);
  const attempts: readonly (() => Promise<unknown>)[] = [
    () => aead.encrypt(new Uint8Array(8192), new Uint8Array(1)),
    () => mac.mac(new Uint8Array(16_385)),
    () => mac.verifyMac(new Uint8Array(16_385), code),
    () => (service.use('service') as KeyWrapper).wrap(big),
    () => (ed25519.use('Ed25519') as Signer).sign(big),
    () => (ed25519.use('Ed25519') as Signer).sign(new Uint8Array()),
  ];
  for (const attempt of attempts) {
    await assert.rejects(attempt, failsWith('ARGUMENT_INVALID', { field: 'message' }));
  }
  await assert.rejects(
    (rsa.use('RSA-OAEP-256') as KeyWrapper).unwrap(MESSAGE),
    failsWith('DECRYPTION_FAILED'),
  );
  assert.equal(door.requests(), before);
  await aead.encrypt(new Uint8Array(8191), new Uint8Array(1));
});

test('a public key is asked for once', async (t) => {
  const { port } = await gcpEmulator();
  const door = await grpcDoor(port);
  t.after(() => door.close());
  const provider = await providerWith({ endpoint: `http://127.0.0.1:${door.port}` });
  const ref = parseKeyRef(await sharedKey('ES256'));
  const key = await provider.open(ref);
  assert.equal(door.requests(), 3, 'the key, its versions, the public key');
  await key.use('ES256').sign(MESSAGE);
  assert.equal(door.requests(), 4);
  await provider.open(ref);
  assert.equal(door.requests(), 6);
});

/** Runs `act` as a principal without these permissions. */
async function without(
  permissions: readonly string[],
  act: (emulator: GcpKms) => Promise<void>,
): Promise<void> {
  const emulator = await gcpEmulator();
  for (const permission of permissions) emulator.permissions.deny({ permission: `cloudkms.${permission}` });
  try {
    await act(emulator);
  } finally {
    emulator.permissions.allowAll();
  }
}

test('who may only sign and view the public key names the version, and signs', async () => {
  const provider = await providerWith();
  const ref = await sharedKey('ES256');
  const reading = ['cryptoKeys.get', 'cryptoKeyVersions.get', 'cryptoKeyVersions.list'];
  await without(reading, async () => {
    await assert.rejects(provider.open(parseKeyRef(ref)), failsWith('DENIED'));
    const key = await provider.open(parseKeyRef(`${ref}/cryptoKeyVersions/1`));
    assert.equal(key.custody.level, 'claimed');
    await verify(publicOf(key), 'ES256', MESSAGE, await key.use('ES256').sign(MESSAGE));
  });
  await without([...reading, 'cryptoKeyVersions.viewPublicKey'], async () => {
    const other = await providerWith();
    await assert.rejects(other.open(parseKeyRef(`${ref}/cryptoKeyVersions/1`)), failsWith('DENIED'));
  });
});

test('who may only view the public key opens a key of ML-DSA, and is told that one is disabled', async () => {
  const { ref } = await made({ algorithm: 'ML-DSA-44' });
  const version = parseKeyRef(`${ref}/cryptoKeyVersions/1`);
  const reading = ['cryptoKeys.get', 'cryptoKeyVersions.get', 'cryptoKeyVersions.list'];
  await without(reading, async () => {
    const key = await (await providerWith()).open(version);
    await verify(publicOf(key), 'ML-DSA-44', MESSAGE, await key.use('ML-DSA-44').sign(MESSAGE));
  });
  await (await usual).setState?.(version, 'suspended');
  await without(reading, async () => {
    const opening = (await providerWith()).open(version);
    await assert.rejects(opening, failsWith('DENIED', { field: 'state' }));
  });
});

test('check names the permission that is missing, and uses the key for nothing', async () => {
  const provider = await providerWith();
  const ref = parseKeyRef(await sharedKey('ES256'));
  await provider.check?.(ref);
  await without(['cryptoKeyVersions.useToSign'], async ({ faults }) => {
    // It would have to happen to a signature.
    faults.add({ method: 'AsymmetricSign', status: 13 });
    await assert.rejects(
      async () => provider.check?.(ref),
      (error) => {
        failsWith('DENIED', { operation: 'testIamPermissions' })(error);
        assert.match(String(error), /cloudkms\.cryptoKeyVersions\.useToSign/);
        return true;
      },
    );
    assert.equal(faults.waiting().length, 1);
    faults.clear();
  });
  for (const algorithm of ['service', 'A256GCM', 'HS256', 'RSA-OAEP-256'] as const) {
    await provider.check?.(parseKeyRef(await sharedKey(algorithm)));
  }
});

test('check says that a version is not active, that the algorithm is another, or the key', async () => {
  const { ref, key } = await made({ algorithm: 'ES256' });
  await using keys = createKeys([await providerWith()]);
  await keys.check(ref, { algorithm: 'ES256', fingerprint: publicOf(key).fingerprint });
  await assert.rejects(keys.check(ref, { algorithm: 'ES384' }), failsWith('UNSUPPORTED'));
  await keys.rotate(ref);
  const { fingerprint } = publicOf(key);
  await assert.rejects(keys.check(ref, { fingerprint }), failsWith('SIGNER_MISMATCH'));
  await keys.setState(ref, 'suspended');
  await assert.rejects(keys.check(ref), failsWith('DENIED', { field: 'state' }));
});

test('keys that were not made here are changed only where that was allowed', async () => {
  const name = `${RING}/cryptoKeys/foreign`;
  const versionTemplate = { algorithm: 'EC_SIGN_P256_SHA256' };
  const labels = { team: 'others' };
  const key = { purpose: 'ASYMMETRIC_SIGN', versionTemplate, labels };
  await rest('POST', `${RING}/cryptoKeys?cryptoKeyId=foreign`, key);
  const ref = parseKeyRef(`gcpkms://${name}`);
  const provider = await usual;
  for (const change of [
    () => provider.rotate?.(ref),
    () => provider.setState?.(ref, 'suspended'),
    () => provider.destroy?.(ref),
  ]) {
    await assert.rejects(async () => change(), failsWith('DENIED', { field: 'gcpkms.allowForeign' }));
  }
  const forced = await providerWith({ allowForeign: true });
  const rotated = await forced.rotate?.(ref);
  assert.equal(rotated && versionOf(rotated), '2');
  assert.deepEqual((await rest('GET', name))['labels'], { team: 'others', 'hardkey-current': '2' });
});

test('new keys have our label, those of the configuration, and time to be restored', async () => {
  const config = { labels: { team: 'issuing' }, deletionDays: 7 } as const;
  const { ref } = await made({ algorithm: 'HS256' }, config);
  const { labels, destroyScheduledDuration } = await rest('GET', nameOf(ref));
  assert.deepEqual(labels, { team: 'issuing', hardkey: 'made-here' });
  assert.equal(destroyScheduledDuration, '604800s');
});

test('a key that was destroyed can be restored, and its name is given to no other', async () => {
  const { ref, key } = await made({ algorithm: 'ES256' });
  const provider = await usual;
  await provider.destroy?.(parseKeyRef(ref));
  await assert.rejects(open(ref), failsWith('KEY_NOT_FOUND'));
  await assert.rejects(open(String(key.ref)), failsWith('DENIED', { field: 'state' }));
  const again = async (): Promise<unknown> => provider.create?.(parseKeyRef(ref), { algorithm: 'ES256' });
  await assert.rejects(again, failsWith('KEY_EXISTS'));
  await rest('POST', `${nameOf(ref)}/cryptoKeyVersions/1:restore`, {});
  await provider.setState?.(parseKeyRef(ref), 'active');
  assert.equal((await open(ref)).id, key.id);
});

test('one version is destroyed where one is named', async () => {
  const { ref } = await made({ algorithm: 'ES256' });
  const provider = await usual;
  await provider.rotate?.(parseKeyRef(ref));
  await provider.destroy?.(parseKeyRef(`${ref}/cryptoKeyVersions/1`));
  assert.equal(versionOf(await open(ref)), '2');
  const { clock } = await gcpEmulator();
  clock.advance(31 * 86_400_000);
  await assert.rejects(open(`${ref}/cryptoKeyVersions/1`), failsWith('KEY_NOT_FOUND'));
});

test('a key that takes time to be made is waited for, and not beyond the deadline', async (t) => {
  const { setGenerationMs, clock } = await gcpEmulator();
  setGenerationMs(1000);
  t.after(() => setGenerationMs(0));
  const provider = await usual;
  const ref = parseKeyRef(unused());
  const making = provider.create?.(ref, { algorithm: 'ES256' });
  const timer = setInterval(() => clock.advance(500), 20);
  assert.equal((await making)?.state satisfies KeyState | undefined, 'active');
  clearInterval(timer);
  const late = { deadline: performance.now() + 300 };
  await assert.rejects(
    async () => provider.create?.(parseKeyRef(unused()), { algorithm: 'ES256' }, late),
    failsWith('UNAVAILABLE'),
  );
});

test('new keys are in a ring that is there, and have no number of their own', async () => {
  const provider = await usual;
  const elsewhere = parseKeyRef(`gcpkms://${RING}-of-nobody/cryptoKeys/a`);
  const create = (ref: typeof elsewhere) => async (): Promise<unknown> =>
    provider.create?.(ref, { algorithm: 'ES256' });
  await assert.rejects(create(elsewhere), failsWith('KEY_NOT_FOUND'));
  const numbered = parseKeyRef(`${unused()}/cryptoKeyVersions/1`);
  await assert.rejects(create(numbered), failsWith('ARGUMENT_INVALID', { field: 'gcpkms.version' }));
});

test('what is listed is the key ring of the configuration, and nothing without one', async () => {
  assert.equal(gcpKms().list, undefined);
  const { ref } = await made({ algorithm: 'ES256' });
  await (await usual).rotate?.(parseKeyRef(ref));
  const rsa = { purpose: 'ASYMMETRIC_SIGN', versionTemplate: { algorithm: 'RSA_SIGN_RAW_PKCS1_2048' } };
  await rest('POST', `${RING}/cryptoKeys?cryptoKeyId=unknown-algorithm`, rsa);
  const listed: string[] = [];
  for await (const info of (await usual).list?.() ?? []) listed.push(String(info.ref));
  const own = listed.filter((one) => one.startsWith(`${ref}/`));
  assert.deepEqual(own, [`${ref}/cryptoKeyVersions/2`, `${ref}/cryptoKeyVersions/1`]);
  assert.ok(!listed.some((one) => one.includes('unknown-algorithm')));
  await assert.rejects(open(`gcpkms://${RING}/cryptoKeys/unknown-algorithm`), failsWith('UNSUPPORTED'));
});

test('keys of another ring are not listed', async () => {
  const { faults } = await gcpEmulator();
  const provider = await providerWith();
  for (const name of [`${RING}2/cryptoKeys/k`, undefined]) {
    faults.add({ method: 'ListCryptoKeys', set: { cryptoKeys: [{ name }] } });
    const details = { operation: 'listCryptoKeys' };
    await assert.rejects(
      async () => collected(provider.list?.() ?? assert.fail()),
      failsWith('UNAVAILABLE', details),
    );
  }
});

test('gcpkms: without a name is the key of the configuration, and there is no other default', async () => {
  const key = nameOf(await sharedKey('ES256'));
  const named = await providerWith({ key });
  assert.equal((await named.open(parseKeyRef('gcpkms:'))).label, key.replace(/.*\//, ''));
  const pinned = await providerWith({ key: `${key}/cryptoKeyVersions/1` });
  assert.equal(versionOf(await pinned.open(parseKeyRef('gcpkms:'))), '1');
  await assert.rejects((await usual).open(parseKeyRef('gcpkms:')), failsWith('ARGUMENT_INVALID'));
});

test('codes are those of HMAC, whose key nobody has seen', async () => {
  const { key } = await made({ algorithm: 'HS512' });
  const mac = key.use('HS512');
  const code = await mac.mac(MESSAGE);
  assert.equal(code.length, 64);
  assert.notDeepEqual(code, new Uint8Array(createHmac('sha512', '').update(MESSAGE).digest()));
  await mac.verifyMac(MESSAGE, code);
});

test('a credential is signed and encrypted by the service, and opened by its readers', async () => {
  const signer = (await open(await sharedKey('ES256'))).use('ES256');
  const trust = await createTrust(signer.publicKey.toPem());
  const identity = { id: '1', fullName: 'Ana' };
  const meta = { issuer: 'https://id.example.org', expiresAt: Math.floor(Date.now() / 1000) + 60 };
  for (const algorithm of ['RSA-OAEP-256', 'service'] as const) {
    const reader = (await open(await sharedKey(algorithm))).use(algorithm);
    const { text } = await encode(identity, meta, { signer, encryptTo: reader, allowService: true });
    const read = await decode(text, { trust, decryptWith: reader, allowService: true });
    assert.ok(read.isVerified());
    assert.equal(read.identity.fullName, 'Ana');
  }
});

for (const [field, config] of [
  ['unknown', { unknown: 1 }],
  ['client', { client: 1 }],
  ['endpoint', { client: {}, endpoint: 'https://kms.example' }],
  ['transport', { client: {}, transport: 'rest' }],
  ['endpoint', { endpoint: 'kms.example' }],
  ['endpoint', { endpoint: 'http://kms.example' }],
  ['endpoint', { endpoint: 'https://user@kms.example' }],
  ['transport', { transport: 'soap' }],
  ['key', { key: 'issuer' }],
  ['keyRing', { keyRing: 'projects/p/locations/l' }],
  ['labels', { labels: { Team: 'x' } }],
  ['labels', { labels: { 'hardkey-current': '1' } }],
  ['protectionLevel', { protectionLevel: 'EXTERNAL' }],
  ['additionalAuthenticatedData', { additionalAuthenticatedData: 1 }],
  ['deletionDays', { deletionDays: 0 }],
  ['deletionDays', { deletionDays: 121 }],
  ['allowForeign', { allowForeign: 1 }],
  ['timeoutMs', { timeoutMs: 0 }],
] as const) {
  test(`a configuration with ${JSON.stringify(config)} is refused`, () => {
    assert.throws(
      () => gcpKms(config as unknown as GcpKmsConfig),
      failsWith('ARGUMENT_INVALID', { field: `gcpkms.${field}` }),
    );
  });
}

function publicOf({ publicKey }: KeyInfo): NonNullable<KeyInfo['publicKey']> {
  assert.ok(publicKey);
  return publicKey;
}
