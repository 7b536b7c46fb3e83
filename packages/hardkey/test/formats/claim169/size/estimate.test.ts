// What is estimated before a signature is what encoding then makes.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Encryptor, WrappingKey } from 'hardkey';
import {
  type EncodeOptions,
  encode,
  estimateSize,
  type Identity,
  inspect,
  qrVersion,
} from 'hardkey/formats/claim169';
import { failsWith } from '../../../support/failures.ts';
import { freshKey } from '../../../support/fresh-key.ts';
import { issuerFor, META } from '../support.ts';

const PHOTO: Identity = {
  id: '3918592438',
  fullName: 'Ada Example',
  face: [{ data: randomBytes(600), format: 0, subFormat: 4 }],
};
const TEXT: Identity = {
  id: '3918592438',
  fullName: 'Ada Example',
  dateOfBirth: '19840418',
  address: 'One Street\nNew Town\n10001',
  email: 'ada@example.org',
};

for (const algorithm of ['Ed25519', 'ES256', 'ES384', 'PS256', 'Ed448'] as const)
  test(`${algorithm}: bytes are exact, and characters around a photo nearly so`, async (t) => {
    const { signer } = await issuerFor(t, algorithm);
    for (const keyId of [undefined, null, 'issuer-2026']) {
      const named = keyId === undefined ? {} : { keyId };
      const { text, qrVersion: version } = await encode(PHOTO, META, { signer, ...named });
      const { publicKey } = signer;
      const estimate = await estimateSize(PHOTO, META, { algorithm, publicKey, ...named });
      assert.equal(estimate.coseBytes, (await inspect(text)).coseBytes);
      const over = estimate.characters - text.length;
      assert.ok(over >= -3 && over <= 12, `${over} characters`);
      assert.ok(estimate.qrVersion - version <= 1);
      assert.equal(estimate.claimsBytes + estimate.signatureBytes, estimate.coseBytes);
      assert.deepEqual([estimate.envelopeBytes, estimate.envelopeCharacters], [0, 0]);
    }
  });

const READERS = [
  ['A256GCM', {}],
  ['A128GCM', {}],
  ['A256KW', {}],
  ['A128KW', {}],
  ['RSA-OAEP-256', { bits: 2048 }],
  ['RSA-OAEP-256', { bits: 3072 }],
  ['ECDH-ES+A128KW', { curve: 'P-256' }],
  ['ECDH-ES+A256KW', { curve: 'X25519' }],
] as const;

for (const [algorithm, spec] of READERS)
  test(`encrypted by ${algorithm} ${Object.values(spec).join('')}: what the envelope costs is exact`, async (t) => {
    const { signer } = await issuerFor(t);
    const encryptTo = await freshKey(t, algorithm, spec);
    const { text, qrVersion: version } = await encode(TEXT, META, { signer, encryptTo });
    const { publicKey } = signer;
    const estimate = await estimateSize(TEXT, META, { algorithm: 'EdDSA', publicKey, encryptTo });
    const open = await estimateSize(TEXT, META, { algorithm: 'EdDSA', publicKey });
    assert.equal(estimate.coseBytes, (await inspect(text)).coseBytes);
    assert.equal(estimate.envelopeBytes, estimate.coseBytes - open.coseBytes);
    assert.ok(Math.abs(estimate.characters - text.length) <= 12, `${estimate.characters} ${text.length}`);
    assert.ok(Math.abs(estimate.qrVersion - version) <= 1);
    assert.ok(estimate.envelopeCharacters > estimate.envelopeBytes);
  });

test('beside text alone, few credentials are larger than their estimate', async (t) => {
  const { signer } = await issuerFor(t);
  const { characters } = await estimateSize(TEXT, META, {
    algorithm: 'Ed25519',
    publicKey: signer.publicKey,
  });
  const made = await Promise.all(
    Array.from({ length: 60 }, async (_, at) => {
      const { text } = await encode(TEXT, { ...META, cwtId: Uint8Array.of(at) }, { signer });
      return text.length;
    }),
  );
  // The claim with a number of its own is five characters.
  const larger = made.filter((length) => length > characters + 8);
  assert.ok(larger.length <= 6, `${larger.length} of 60`);
});

test('no key is asked: not the one that encrypts, nor the one that wraps', async (t) => {
  const asked = () => Promise.reject(new Error('a device was asked'));
  const aead = await freshKey(t, 'A256GCM');
  const wrapper = await freshKey(t, 'A256KW');
  const readers: readonly EncodeOptions['encryptTo'][] = [
    { algorithm: 'A256GCM', key: aead.key, encrypt: asked } satisfies Encryptor,
    [{ algorithm: 'A256KW', key: wrapper.key, wrap: asked } satisfies WrappingKey],
  ];
  for (const encryptTo of readers)
    assert.ok(
      (await estimateSize(TEXT, META, { algorithm: 'ES256', ...(encryptTo && { encryptTo }) }))
        .envelopeBytes > 0,
    );
});

test('without the public key the kid counts as an id', async (t) => {
  const { signer } = await issuerFor(t, 'ES256');
  const named = await estimateSize(PHOTO, META, { algorithm: 'ES256', publicKey: signer.publicKey });
  const unnamed = await estimateSize(PHOTO, META, { algorithm: 'ES256' });
  assert.deepEqual([unnamed.coseBytes, unnamed.signatureBytes], [named.coseBytes, named.signatureBytes]);
});

test('the version is for the error level that was asked for', async () => {
  const level = async (errorLevel: 'L' | 'H') =>
    estimateSize(PHOTO, META, { algorithm: 'ES256', errorLevel });
  const [low, high] = [await level('L'), await level('H')];
  assert.equal(low.coseBytes, high.coseBytes);
  assert.equal(high.qrVersion, qrVersion('A'.repeat(high.characters), 'H'));
  assert.ok(high.qrVersion > low.qrVersion);
});

test('what cannot be estimated, or encoded, says so', async (t) => {
  const { signer } = await issuerFor(t);
  const rsa = estimateSize(TEXT, META, { algorithm: 'PS256' });
  await assert.rejects(rsa, failsWith('ARGUMENT_INVALID', { field: 'publicKey' }));
  const service = { algorithm: 'service', key: signer.key, wrap: async () => new Uint8Array(99) } as const;
  const opaque = estimateSize(TEXT, META, { algorithm: 'ES256', encryptTo: service, allowService: true });
  await assert.rejects(opaque, failsWith('UNSUPPORTED', { field: 'encryptTo' }));
  const large = estimateSize({ face: [{ data: randomBytes(4000) }] }, META, { algorithm: 'ES256' });
  await assert.rejects(large, failsWith('ARGUMENT_INVALID', { field: 'identity' }));
  const wrong = estimateSize({ id: 7 } as unknown as Identity, META, { algorithm: 'ES256' });
  await assert.rejects(wrong, failsWith('ARGUMENT_INVALID', { field: 'identity.id' }));
  const unknown = estimateSize(TEXT, META, { algorithm: 'ES256', untold: 1 } as object as {
    algorithm: 'ES256';
  });
  await assert.rejects(unknown, failsWith('ARGUMENT_INVALID', { field: 'untold' }));
});
