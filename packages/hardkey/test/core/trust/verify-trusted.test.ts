import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, type SignedBytes, type Trust, verifyTrusted } from '../../../src/core/trust/trust.ts';
import { decodeBase64url } from '../../../src/encoding/base64.ts';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { isFailure } from '../../../src/errors.ts';
import { authority, flipped, keyPair, signer } from '../../support/certificates.ts';
import { now, signedBy, type TestSigner, testSigner } from '../../support/documents.ts';
import { failsWith } from '../../support/failures.ts';
import { KEY_CHECKS, names, refused } from './support.ts';

const alice = await testSigner();
const bob = await testSigner();
const carol = await testSigner('ES256');

function jwk({ publicKey }: TestSigner, members: object = {}): Readonly<Record<string, unknown>> {
  return { ...publicKey.toJwk(), ...members };
}

test('a good document comes back with its key and every check', async () => {
  const trust = await createTrust(alice.publicKey);
  const { key, checks } = await verifyTrusted(trust, signedBy(alice));
  assert.equal(key.publicKey, alice.publicKey);
  assert.deepEqual(names(checks), [...KEY_CHECKS, 'signature']);
});

test('a key is found by its name, its id or its thumbprint, as text or as bytes', async () => {
  const { publicKey } = alice;
  const trust = await createTrust([jwk(bob, { kid: 'bob' }), jwk(alice, { kid: 'issuer-1' })]);
  const { id, thumbprint } = publicKey;
  for (const keyId of [
    'issuer-1',
    utf8('issuer-1'),
    id,
    utf8(id),
    decodeHex(id),
    thumbprint,
    utf8(thumbprint),
    decodeBase64url(thumbprint),
  ]) {
    const { key } = await verifyTrusted(trust, signedBy(alice, { keyId }));
    assert.equal(key.keyId, 'issuer-1');
  }
});

test('a key with a name is a candidate for that name only, and is refused by key.known', async () => {
  const trust = await createTrust(jwk(alice, { kid: 'issuer-1' }));
  await verifyTrusted(trust, signedBy(alice, { keyId: 'issuer-1' }));
  await verifyTrusted(trust, signedBy(alice));
  for (const keyId of ['issuer-2', 'ISSUER-1', '', bob.publicKey.id, Uint8Array.of(1, 2, 3)]) {
    await assert.rejects(verifyTrusted(trust, signedBy(alice, { keyId })), refused('key.known'));
  }
});

test('a binary key id of a COSE_Key is found by the same bytes', async () => {
  const kid = Uint8Array.of(0, 255, 7);
  const map = alice.publicKey.toCoseKey();
  const withKid = concat(
    Uint8Array.of((map[0] ?? 0) + 1),
    map.subarray(1, 3),
    Uint8Array.of(2, 0x43),
    kid,
    map.subarray(3),
  );
  const trust = await createTrust(withKid);
  await verifyTrusted(trust, signedBy(alice, { keyId: kid }));
  await assert.rejects(
    verifyTrusted(trust, signedBy(alice, { keyId: kid.subarray(1) })),
    refused('key.known'),
  );
});

test('a key without a name is a candidate for any', async () => {
  const trust = await createTrust([bob.publicKey, alice.publicKey]);
  await verifyTrusted(trust, signedBy(alice, { keyId: 'whatever' }));
  await verifyTrusted(trust, signedBy(alice, { keyId: bob.publicKey.id }));
});

test('a stranger who says who it is is unknown, and no forgery of a key without a name', async () => {
  const trust = await createTrust([bob.publicKey, carol.publicKey]);
  for (const keyId of [alice.publicKey.id, alice.publicKey.thumbprint, 'alice']) {
    await assert.rejects(verifyTrusted(trust, signedBy(alice, { keyId })), refused('key.known'));
  }
  const asBob = signedBy(alice, { keyId: bob.publicKey.id });
  await assert.rejects(verifyTrusted(trust, asBob), refused('signature', bob.publicKey.id));
});

test('trust in nothing refuses everything by key.known', async () => {
  await assert.rejects(verifyTrusted(await createTrust([]), signedBy(alice)), refused('key.known'));
});

test('another key’s signature is refused by signature', async () => {
  const trust = await createTrust([bob.publicKey, carol.publicKey]);
  await assert.rejects(verifyTrusted(trust, signedBy(alice)), refused('signature', bob.publicKey.id));
  const unfit = await createTrust([carol.publicKey, bob.publicKey]);
  await assert.rejects(verifyTrusted(unfit, signedBy(alice)), refused('signature', bob.publicKey.id));
});

test('every changed bit of message or signature is refused by signature', async () => {
  const trust = await createTrust(alice.publicKey);
  const good = signedBy(alice);
  for (let bit = 0; bit < good.message.length; bit++) {
    const bad = { ...good, message: flipped(good.message, bit) };
    await assert.rejects(verifyTrusted(trust, bad), refused('signature'));
  }
  for (let bit = 0; bit < good.signature.length; bit++) {
    const bad = { ...good, signature: flipped(good.signature, bit) };
    await assert.rejects(verifyTrusted(trust, bad), refused('signature'));
  }
});

test('a wrong algorithm is refused by key.algorithm: of another type, not the key’s own, or not allowed', async () => {
  const type = await createTrust(carol.publicKey);
  await assert.rejects(verifyTrusted(type, signedBy(alice)), refused('key.algorithm'));
  const own = await createTrust(jwk(alice, { kid: 'a', use: 'enc' }));
  await assert.rejects(verifyTrusted(own, signedBy(alice, { keyId: 'a' })), refused('key.algorithm', 'a'));
  const allowed = await createTrust(alice.publicKey, { algorithms: ['ES256', 'ES384'] });
  await assert.rejects(verifyTrusted(allowed, signedBy(alice)), refused('key.algorithm'));
});

const STATES: readonly (readonly [check: string, members: object])[] = [
  ['key.not-before', { nbf: now.getTime() / 1000 + 1 }],
  ['key.not-after', { exp: now.getTime() / 1000 - 1 }],
  ['key.revoked', { revoked: { revoked_at: now.getTime() / 1000 } }],
  ['key.revoked', { revoked: {} }],
];

for (const [check, members] of STATES) {
  test(`${check} refuses a genuine document of ${JSON.stringify(members)}`, async () => {
    const trust = await createTrust(jwk(alice, { kid: 'a', ...members }));
    await assert.rejects(verifyTrusted(trust, signedBy(alice)), refused(check, 'a'));
  });
}

test('a key is valid in its first and its last moment, and revoked from the first one on', async () => {
  const at = now.getTime() / 1000;
  const trust = await createTrust(jwk(alice, { nbf: at, exp: at, revoked: { revoked_at: at + 1 } }));
  const { checks } = await verifyTrusted(trust, signedBy(alice));
  assert.match(checks.find(({ name }) => name === 'key.revoked')?.detail ?? '', /later/);
});

test('of several keys, the failure is that of the one that signed', async () => {
  const trust = await createTrust([bob.publicKey, jwk(alice, { kid: 'a', exp: 1 }), carol.publicKey]);
  await assert.rejects(verifyTrusted(trust, signedBy(alice)), refused('key.not-after', 'a'));
});

test('the first failed check is named, though more fail', async () => {
  const trust = await createTrust(jwk(alice, { exp: 1, revoked: {} }));
  await assert.rejects(verifyTrusted(trust, signedBy(alice)), refused('key.not-after'));
});

test('a forgery is one, whatever is to be said of the key that did not sign it', async () => {
  for (const limits of [{ exp: 1 }, { nbf: 4_000_000_000 }, { revoked: {} }]) {
    const trust = await createTrust(jwk(alice, limits));
    const forged = { ...signedBy(alice), message: utf8('another document') };
    await assert.rejects(verifyTrusted(trust, forged), refused('signature'));
  }
});

test('a vouched time takes the place of the verifier’s for the key', async () => {
  const day = (text: string): number => Date.parse(text) / 1000;
  const trust = await createTrust(jwk(alice, { nbf: day('2025-01-01'), exp: day('2026-01-01') }));
  await assert.rejects(verifyTrusted(trust, signedBy(alice)), refused('key.not-after'));
  await verifyTrusted(trust, signedBy(alice, { signedAt: new Date('2025-06-01') }));
  const early = signedBy(alice, { signedAt: new Date('2024-06-01') });
  await assert.rejects(verifyTrusted(trust, early), refused('key.not-before'));
});

test('a time that is none, or a signature of the future, is ARGUMENT_INVALID', async () => {
  const trust = await createTrust(jwk(alice, { exp: 1 }));
  const none = new Date('no');
  const cases: readonly (readonly [Partial<SignedBytes>, string])[] = [
    [{ at: none }, 'at'],
    [{ signedAt: none }, 'signedAt'],
    [{ signedAt: new Date(now.getTime() + 1) }, 'signedAt'],
  ];
  for (const [change, field] of cases) {
    await assert.rejects(
      verifyTrusted(trust, signedBy(alice, change)),
      failsWith('ARGUMENT_INVALID', { field }),
    );
  }
});

test('no failure holds bytes or text of the document', async () => {
  const root = authority({ subject: 'Root' });
  const trust = await createTrust([jwk(alice, { kid: 'a' }), root.der]);
  const canary = 'CANARY-7f3a';
  const strange = signer({ subject: canary, keys: keyPair() });
  const given = [
    signedBy(bob, { keyId: canary }),
    signedBy(alice, { keyId: 'a', message: utf8(canary) }),
    signedBy({ ...strange, algorithm: 'ES256' }, { x5chain: [strange.der] }),
  ];
  for (const document of given) {
    const error = await failureOf(trust, document);
    assert.ok(!JSON.stringify(error).includes(canary) && !error.message.includes(canary));
  }
});

async function failureOf(trust: Trust, given: SignedBytes): Promise<Error> {
  try {
    await verifyTrusted(trust, given);
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error('it verified');
}
