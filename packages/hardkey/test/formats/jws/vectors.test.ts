// What the standards print verifies, and is written again where signing leaves nothing to chance.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys, createTrust } from 'hardkey';
import { openJws, openJwt, signGeneralJws, signJws, signJwt } from 'hardkey/formats/jws';
import { fixedKeys } from 'hardkey/testing';
import { failsWith } from '../../support/failures.ts';
import * as rfc from './rfc.ts';
import { keyOf, text, utf8 } from './support.ts';

const trust = await createTrust([rfc.A2_KEY, rfc.A3_KEY, rfc.A4_KEY, rfc.ED25519_KEY]);
const bilbo = await createTrust({ keys: [rfc.BILBO_RSA, rfc.BILBO_EC] });
const a1 = await keyOf(rfc.A1_KEY, 'HS256');
const shared = await keyOf(rfc.SHARED_KEY, 'HS256');
const CLAIMS = { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true };

for (const [source, jws, algorithm] of [
  ['RFC 7515 A.2', rfc.A2_JWS, 'RS256'],
  ['RFC 7515 A.3', rfc.A3_JWS, 'ES256'],
] as const) {
  test(`${source}, ${algorithm}, verifies and gives its claims`, async () => {
    const opened = await openJws(jws, { trust });
    assert.equal(opened.algorithm, algorithm);
    assert.deepEqual(JSON.parse(text(opened.payload)), CLAIMS);
    assert.ok(opened.checks.every(({ passed }) => passed));
  });
}

test('RFC 7515 A.4, ES512, verifies', async () => {
  assert.equal(text((await openJws(rfc.A4_JWS, { trust })).payload), 'Payload');
});

test('RFC 7515 A.1, HS256, verifies with the shared key and with nothing else', async () => {
  const opened = await openJws(rfc.A1_JWS, { mac: a1 });
  assert.deepEqual([opened.algorithm, JSON.parse(text(opened.payload))], ['HS256', CLAIMS]);
  await assert.rejects(
    openJws(rfc.A1_JWS, { trust }),
    failsWith('VERIFICATION_FAILED', { check: 'key.algorithm' }),
  );
  await assert.rejects(
    openJws(rfc.A1_JWS, { mac: shared }),
    failsWith('VERIFICATION_FAILED', { check: 'mac' }),
  );
});

test('RFC 7515 A.5, not secured, is UNSUPPORTED with any key', async () => {
  for (const options of [{ trust }, { mac: a1 }])
    await assert.rejects(
      openJws(rfc.UNSECURED, options as { trust: typeof trust }),
      failsWith('UNSUPPORTED', { field: 'jws.alg' }),
    );
});

test('RFC 7515 A.6, general, has two signatures of two keys', async () => {
  const opened = await openJws(JSON.stringify(rfc.A6_GENERAL), { trust, minimumSigners: 2 });
  assert.deepEqual(
    opened.signatures.map(({ algorithm, keyId }) => [algorithm, keyId]),
    [
      ['RS256', '2010-12-29'],
      ['ES256', 'e9bc097a-ce51-4036-9562-d2ade882db0d'],
    ],
  );
  assert.deepEqual(opened.refused, []);
});

test('RFC 7515 A.7, flattened, verifies; its kid is not protected', async () => {
  const { headers, keyId } = await openJws(JSON.stringify(rfc.A7_FLATTENED), { trust });
  assert.deepEqual(headers, { protected: { alg: 'ES256' }, unprotected: rfc.A7_FLATTENED.header });
  assert.equal(keyId, rfc.A7_FLATTENED.header.kid);
});

test('RFC 7797 §4: the same payload encoded and not, byte for byte', async () => {
  const payload = utf8('$.02');
  const written = { signer: a1, keyId: null };
  assert.equal(await signJws(payload, written), rfc.B64_TRUE);
  assert.equal(await signJws(payload, { ...written, unencoded: true, detached: true }), rfc.B64_FALSE);
  assert.deepEqual((await openJws(rfc.B64_TRUE, { mac: a1 })).payload, payload);
  assert.deepEqual((await openJws(rfc.B64_FALSE, { mac: a1, payload })).payload, payload);
});

test('RFC 8037 A.4, Ed25519, verifies and is signed again byte for byte', async () => {
  const { payload, algorithm } = await openJws(rfc.ED25519_JWS, { trust });
  assert.deepEqual([algorithm, text(payload)], ['Ed25519', 'Example of Ed25519 signing']);
  const signer = await keyOf(rfc.ED25519_PRIVATE, 'Ed25519');
  assert.equal(await signJws(payload, { signer, keyId: null }), rfc.ED25519_JWS);
});

test('RFC 8037 A.3: the kid is that thumbprint', async () => {
  const signer = await keyOf(rfc.ED25519_PRIVATE, 'Ed25519');
  const { keyId } = await openJws(await signJws(utf8('content'), { signer }), { trust });
  assert.equal(keyId, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

test('RFC 7519 §3.1 is a token of its time: EXPIRED from its exp on, and not before', async () => {
  const open = (seconds: number) => openJwt(rfc.A1_JWS, { mac: a1, at: new Date(seconds * 1000) });
  const { claims, isVerified } = await open(1300819379);
  assert.deepEqual([claims, isVerified()], [CLAIMS, true]);
  const expired = failsWith('EXPIRED', { field: 'jwt.exp', check: 'jwt.expires-at' });
  await assert.rejects(open(1300819380), expired);
});

test('RFC 7519 §6.1, not secured, is UNSUPPORTED', async () => {
  await assert.rejects(openJwt(rfc.UNSECURED, { trust }), failsWith('UNSUPPORTED', { field: 'jws.alg' }));
});

for (const [section, jws, algorithm] of [
  ['4.2', rfc.PS384_JWS, 'PS384'],
  ['4.3', rfc.ES512_JWS, 'ES512'],
] as const) {
  test(`RFC 7520 §${section}, ${algorithm}, verifies`, async () => {
    const opened = await openJws(jws, { trust: bilbo });
    assert.deepEqual(
      [opened.algorithm, opened.keyId, text(opened.payload)],
      [algorithm, rfc.BILBO_EC.kid, rfc.ADVICE],
    );
  });
}

test('RFC 7520 §4.4 and §4.5, HS256, attached and detached, are written again byte for byte', async () => {
  const payload = utf8(rfc.ADVICE);
  const written = { signer: shared, keyId: rfc.SHARED_KID };
  assert.equal(await signJws(payload, { ...written, detached: true }), rfc.DETACHED);
  const attached = rfc.DETACHED.replace('..', `.${rfc.ADVICE_TEXT}.`);
  assert.equal(await signJws(payload, written), attached);
  assert.deepEqual((await openJws(rfc.DETACHED, { mac: shared, payload })).payload, payload);
});

test('RFC 7520 §4.6, a kid that is not protected, is written and read', async () => {
  const unprotectedHeaders = { kid: rfc.SHARED_KID };
  const written = { signer: shared, keyId: null, unprotectedHeaders, form: 'flattened' } as const;
  assert.deepEqual(JSON.parse(await signJws(utf8(rfc.ADVICE), written)), rfc.KID_UNPROTECTED);
  const { keyId } = await openJws(JSON.stringify(rfc.KID_UNPROTECTED), { mac: shared });
  assert.equal(keyId, rfc.SHARED_KID);
});

test('RFC 7520 §4.7, an algorithm that is not protected, is MALFORMED here', async () => {
  const alone = JSON.stringify(rfc.ALG_UNPROTECTED);
  await assert.rejects(openJws(alone, { mac: shared }), failsWith('MALFORMED', { field: 'jws.alg' }));
  const signatures = [rfc.RS256_SIGNATURE, rfc.ES512_SIGNATURE, rfc.HS256_SIGNATURE];
  const among = JSON.stringify({ payload: rfc.ADVICE_TEXT, signatures });
  const at = failsWith('MALFORMED', { field: 'jws.signatures.1.alg' });
  await assert.rejects(openJws(among, { trust: bilbo, minimumSigners: 1 }), at);
});

test('RFC 7520 §4.8, RS256 and HS256 over one payload: each reader finds its own', async () => {
  const signatures = [rfc.RS256_SIGNATURE, rfc.HS256_SIGNATURE];
  const document = JSON.stringify({ payload: rfc.ADVICE_TEXT, signatures });
  const byKey = await openJws(document, { trust: bilbo, minimumSigners: 1 });
  assert.deepEqual([byKey.algorithm, byKey.refused[0]?.details.check], ['RS256', 'key.algorithm']);
  const byCode = await openJws(document, { mac: shared, minimumSigners: 1 });
  assert.deepEqual([byCode.algorithm, byCode.refused[0]?.details.check], ['HS256', 'key.algorithm']);
});

test('RFC 7520 §4.8 is written again byte for byte, as far as its algorithms are protected', async () => {
  const rsa = (await createKeys([fixedKeys()]).open('fixed:RS256')).use('RS256');
  const { kid } = rfc.RS256_SIGNATURE.header;
  const written = await signGeneralJws(utf8(rfc.ADVICE), [
    { signer: rsa, keyId: null, unprotectedHeaders: { kid } },
    { signer: shared, keyId: rfc.SHARED_KID },
  ]);
  const signatures = [rfc.RS256_SIGNATURE, rfc.HS256_SIGNATURE];
  assert.deepEqual(JSON.parse(written), { payload: rfc.ADVICE_TEXT, signatures });
});

test('a token of the claims of RFC 7519 §3.1 holds at its time', async () => {
  const at = new Date(1300819000_000);
  const token = await signJwt(CLAIMS, { signer: a1, at });
  assert.deepEqual((await openJwt(token, { mac: a1, at })).claims, { iat: 1300819000, ...CLAIMS });
});
