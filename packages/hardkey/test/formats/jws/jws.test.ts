// Compact text: what is refused, and under which name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, type FailureCode, isFailure } from 'hardkey';
import { openJws, signJws } from 'hardkey/formats/jws';
import { failsWith } from '../../support/failures.ts';
import { ED25519_JWS, ED25519_KEY, ED25519_PRIVATE } from './rfc.ts';
import { base64url, fresh, headerOf, keyOf, utf8 } from './support.ts';

const trust = await createTrust(ED25519_KEY);
const signer = await keyOf(ED25519_PRIVATE, 'Ed25519');
const PAYLOAD = utf8('content');

/** The RFC 8037 signature under another header. */
const withHeader = (header: string) => ED25519_JWS.replace(/^[^.]+/, base64url(header));

test('every changed bit of the RFC 8037 example is refused', async () => {
  const bytes = ED25519_JWS.split('.').map((part) => Buffer.from(part, 'base64url'));
  const header: readonly FailureCode[] = ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED'];
  for (const [index, part] of bytes.entries()) {
    for (let bit = 0; bit < part.length * 8; bit++) {
      const changed = Buffer.from(part);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const jws = bytes.map((one, at) => base64url(at === index ? changed : one)).join('.');
      await assert.rejects(openJws(jws, { trust }), (failure) => {
        assert.ok(isFailure(failure), String(failure));
        assert.ok((index === 0 ? header : ['VERIFICATION_FAILED']).includes(failure.code), failure.code);
        return true;
      });
    }
  }
});

test('a detached signature needs its payload, and no other', async () => {
  const jws = await signJws(PAYLOAD, { signer, detached: true });
  assert.match(jws, /^[\w-]+\.\.[\w-]+$/);
  assert.deepEqual((await openJws(jws, { trust, payload: PAYLOAD })).payload, PAYLOAD);
  const wrong = failsWith('VERIFICATION_FAILED', { check: 'signature' });
  await assert.rejects(openJws(jws, { trust, payload: utf8('other') }), wrong);
  await assert.rejects(openJws(jws, { trust }), wrong);
  const attached = failsWith('ARGUMENT_INVALID', { field: 'payload' });
  await assert.rejects(openJws(ED25519_JWS, { trust, payload: PAYLOAD }), attached);
});

test('a payload of no bytes is one like any other', async () => {
  const jws = await signJws(new Uint8Array(), { signer });
  assert.deepEqual((await openJws(jws, { trust })).payload, new Uint8Array());
});

for (const [what, jws, code, field] of [
  ['nothing', '', 'MALFORMED', 'jws'],
  ['two parts', 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc', 'MALFORMED', 'jws'],
  ['four parts', `${ED25519_JWS}.`, 'MALFORMED', 'jws'],
  ['five parts', `${ED25519_JWS}.a.a`, 'MALFORMED', 'jws'],
  ['a padded part', ED25519_JWS.replace('bmc.', 'bmc=.'), 'MALFORMED', 'jws.payload'],
  ['base64 in the place of base64url', ED25519_JWS.replace('_', '/'), 'MALFORMED', 'jws.signature'],
  ['a header that is not JSON', withHeader('{'), 'MALFORMED', 'jws.header'],
  ['a header that is a list', withHeader('[]'), 'MALFORMED', 'jws.header'],
  ['a header that is not UTF-8', ED25519_JWS.replace(/^[^.]+/, '_w'), 'MALFORMED', 'jws.header'],
  [
    'a header that begins with a byte order mark',
    withHeader('\ufeff{"alg":"EdDSA"}'),
    'MALFORMED',
    'jws.header',
  ],
  [
    'a header that is too long',
    withHeader(`{"alg":"EdDSA","a":"${'a'.repeat(50_000)}"}`),
    'MALFORMED',
    'jws.header',
  ],
  [
    'a header nested too deeply',
    withHeader(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`),
    'MALFORMED',
    'jws.header',
  ],
  ['a header without alg', withHeader('{}'), 'MALFORMED', 'jws.alg'],
  ['an alg that is no text', withHeader('{"alg":1}'), 'MALFORMED', 'jws.alg'],
  ['an alg that encrypts', withHeader('{"alg":"A128GCM"}'), 'UNSUPPORTED', 'jws.alg'],
  ['an alg of another case', withHeader('{"alg":"eddsa"}'), 'UNSUPPORTED', 'jws.alg'],
  ['a kid that is no text', withHeader('{"alg":"EdDSA","kid":1}'), 'MALFORMED', 'jws.kid'],
  ['an x5c that is a text', withHeader('{"alg":"EdDSA","x5c":"AA=="}'), 'MALFORMED', 'jws.x5c'],
  ['an x5c in base64url', withHeader('{"alg":"EdDSA","x5c":["_w"]}'), 'MALFORMED', 'jws.x5c'],
  ['an empty crit', withHeader('{"alg":"EdDSA","crit":[]}'), 'MALFORMED', 'jws.crit'],
  ['a crit that is no list', withHeader('{"alg":"EdDSA","crit":"b64"}'), 'MALFORMED', 'jws.crit'],
  ['a crit that names nothing', withHeader('{"alg":"EdDSA","crit":["exp"]}'), 'MALFORMED', 'jws.crit'],
  [
    'a crit that names a thing twice',
    withHeader('{"alg":"EdDSA","exp":1,"crit":["exp","exp"]}'),
    'MALFORMED',
    'jws.crit',
  ],
  ['a crit that names what all know', withHeader('{"alg":"EdDSA","crit":["alg"]}'), 'MALFORMED', 'jws.crit'],
  [
    'a crit that is not understood',
    withHeader('{"alg":"EdDSA","exp":1,"crit":["exp"]}'),
    'UNSUPPORTED',
    'jws.crit',
  ],
  [
    'a b64 that is no truth value',
    withHeader('{"alg":"EdDSA","crit":["b64"],"b64":0}'),
    'MALFORMED',
    'jws.b64',
  ],
] as const)
  test(`${what} is ${code}`, async () => {
    await assert.rejects(openJws(jws, { trust }), failsWith(code, { field }));
  });

test('text over the limit is MALFORMED before it is read', async () => {
  const { length } = ED25519_JWS;
  assert.ok(await openJws(ED25519_JWS, { trust, maxTextLength: length }));
  const refused = failsWith('MALFORMED', { field: 'jws' });
  await assert.rejects(openJws(ED25519_JWS, { trust, maxTextLength: length - 1 }), refused);
});

test('a critical parameter that the caller understands passes, and is handed over', async () => {
  const protectedHeaders = { exp: 1_800_000_000, 'https://example.org/rule': ['a'] };
  const critical = ['exp', 'https://example.org/rule'];
  const jws = await signJws(PAYLOAD, { signer, protectedHeaders, critical });
  const { headers } = await openJws(jws, { trust, understood: critical });
  assert.deepEqual([headers.protected['exp'], headers.protected['crit']], [1_800_000_000, critical]);
  const refused = failsWith('UNSUPPORTED', { field: 'jws.crit' });
  await assert.rejects(openJws(jws, { trust, understood: ['exp'] }), refused);
});

test('the allow-list of a call narrows that of the trust', async () => {
  assert.ok(await openJws(ED25519_JWS, { trust, algorithms: ['ES256', 'Ed25519'] }));
  await assert.rejects(
    openJws(ED25519_JWS, { trust, algorithms: ['ES256'] }),
    failsWith('VERIFICATION_FAILED', { check: 'key.algorithm', algorithm: 'Ed25519' }),
  );
});

test('EdDSA and Ed25519 are two names of one algorithm', async () => {
  const header = base64url({ alg: 'Ed25519' });
  const signature = base64url(await signer.sign(utf8(`${header}.AA`)));
  assert.equal((await openJws(`${header}.AA.${signature}`, { trust })).algorithm, 'Ed25519');
  assert.equal(headerOf(await signJws(PAYLOAD, { signer }))['alg'], 'EdDSA');
});

test('what verification was told is not changed, and the result can be kept', async () => {
  const options = Object.freeze({ trust, at: new Date(), understood: Object.freeze([]) });
  const { checks, signatures, refused } = await openJws(ED25519_JWS, options);
  assert.deepEqual([signatures.length, signatures[0]?.checks, refused], [1, checks, []]);
});

test('a key with a time of its own verifies within it', async () => {
  const young = await fresh('Ed25519');
  const jwk = { ...young.publicKey.toJwk(), nbf: 1_000, exp: 2_000 };
  const limited = await createTrust({ keys: [jwk] });
  const jws = await signJws(PAYLOAD, { signer: young });
  assert.ok(await openJws(jws, { trust: limited, at: new Date(1_500_000) }));
  assert.ok(await openJws(jws, { trust: limited, signedAt: new Date(1_500_000) }));
  await assert.rejects(
    openJws(jws, { trust: limited }),
    failsWith('VERIFICATION_FAILED', { check: 'key.not-after' }),
  );
});
