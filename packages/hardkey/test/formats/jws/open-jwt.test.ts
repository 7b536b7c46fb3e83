// Reading tokens as RFC 7519 §7.2 and RFC 8725 §3 have it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys, createTrust, type FailureCode } from 'hardkey';
import { type OpenJwtOptions, openJwt, type SignJwtOptions, signJws, signJwt } from 'hardkey/formats/jws';
import { memory } from 'hardkey/providers/memory';
import { fixedClock } from 'hardkey/testing';
import { failsWith } from '../../support/failures.ts';
import { A1_KEY } from './rfc.ts';
import { fresh, keyOf, utf8 } from './support.ts';

const NOW = 1_800_000_000;
const signer = await fresh('ES256');
const trust = await createTrust(signer.publicKey);

/** A token of these claims, made at NOW for ten minutes. */
const issue = (claims: Record<string, unknown> = {}, options: Partial<SignJwtOptions> = {}) =>
  signJwt(claims, { signer, at: fixedClock(NOW).now(), expiresInSeconds: 600, ...options });
/** Opens a token at NOW, or as many seconds later. */
const open = (token: string, options: Partial<OpenJwtOptions> = {}, later = 0) =>
  openJwt(token, { trust, at: fixedClock(NOW + later).now(), ...options });
const refused = (check: string, field: string, code: FailureCode = 'VERIFICATION_FAILED') =>
  failsWith(code, { check, field, algorithm: 'ES256', keyId: signer.publicKey.thumbprint });

test('the result has the claims, who signed them, and every check', async () => {
  const token = await issue({ scope: 'a' }, { issuer: 'me', audience: 'api', subject: 'you' });
  const options = { issuer: 'me', audience: 'api', requiredClaims: ['scope'], maxAgeSeconds: 60 };
  const { claims, checks, ...opened } = await open(token, options);
  assert.deepEqual(
    checks.map(({ name }) => name),
    [
      'key.known',
      'key.algorithm',
      'key.active',
      'key.not-before',
      'key.not-after',
      'key.revoked',
      'signature',
      'jwt.type',
      'jwt.issuer',
      'jwt.audience',
      'jwt.required-claims',
      'jwt.expires-at',
      'jwt.not-before',
      'jwt.max-age',
      'jwt.issued-at',
    ],
  );
  assert.ok(checks.every(({ passed }) => passed));
  assert.deepEqual(
    [opened.algorithm, opened.keyId, opened.status, opened.isVerified(), claims.sub, claims['scope']],
    ['ES256', signer.publicKey.thumbprint, 'verified', true, 'you', 'a'],
  );
  assert.equal(opened.key.publicKey.fingerprint, signer.publicKey.fingerprint);
});

test('exp: the token holds until the second before, and is EXPIRED on it and after', async () => {
  const token = await issue();
  const expired = refused('jwt.expires-at', 'jwt.exp', 'EXPIRED');
  assert.ok((await open(token, {}, 599)).isVerified());
  await assert.rejects(open(token, {}, 600), expired);
  assert.ok((await open(token, { skewSeconds: 30 }, 629)).isVerified());
  await assert.rejects(open(token, { skewSeconds: 30 }, 630), expired);
});

test('nbf: the token is NOT_YET_VALID before, and holds from it on', async () => {
  const token = await issue({}, { notBefore: NOW + 100 });
  const early = refused('jwt.not-before', 'jwt.nbf', 'NOT_YET_VALID');
  await assert.rejects(open(token, {}, 99), early);
  assert.ok((await open(token, {}, 100)).isVerified());
  assert.ok((await open(token, { skewSeconds: 30 }, 70)).isVerified());
  await assert.rejects(open(token, { skewSeconds: 30 }, 69), early);
});

test('a time with a fraction is read as one', async () => {
  const token = await issue({ exp: NOW + 0.5 }, { expiresInSeconds: undefined } as object);
  assert.ok((await openJwt(token, { trust, at: new Date(NOW * 1000 + 499) })).isVerified());
  await assert.rejects(openJwt(token, { trust, at: new Date(NOW * 1000 + 500) }), failsWith('EXPIRED'));
});

test("time: 'report' returns a genuine token with its status, and not verified", async () => {
  const token = await issue({}, { notBefore: NOW + 100 });
  const early = await open(token, { time: 'report' });
  assert.deepEqual([early.status, early.isVerified()], ['not-yet-valid', false]);
  const late = await open(token, { time: 'report' }, 600);
  assert.deepEqual([late.status, late.isVerified()], ['expired', false]);
  const failed = late.checks.filter(({ passed }) => !passed);
  assert.deepEqual(
    failed.map(({ name }) => name),
    ['jwt.expires-at'],
  );
});

test("time: 'report' reports nothing but time", async () => {
  const token = await issue({}, { audience: 'api' });
  const forOther = open(token, { audience: 'other', time: 'report' }, 600);
  await assert.rejects(forOther, refused('jwt.audience', 'jwt.aud'));
  const forged = `${token.slice(0, -8)}AAAAAAAA`;
  const check = failsWith('VERIFICATION_FAILED', { check: 'signature' });
  await assert.rejects(open(forged, { time: 'report', audience: 'api' }, 600), check);
});

test('a token that is both expired and for somebody else is for somebody else', async () => {
  const token = await issue({}, { audience: 'api' });
  await assert.rejects(open(token, {}, 600), refused('jwt.audience', 'jwt.aud'));
});

test('audience: one that is named must be the reader, and the reader says who it is', async () => {
  const one = await issue({}, { audience: 'api' });
  const several = await issue({}, { audience: ['api', 'admin'] });
  const nobody = await issue();
  const wrong = refused('jwt.audience', 'jwt.aud');
  assert.ok(await open(one, { audience: 'api' }));
  assert.ok(await open(several, { audience: 'admin' }));
  assert.ok(await open(one, { audience: ['other', 'api'] }));
  assert.ok(await open(nobody));
  assert.ok(await open(one, { audience: null }));
  assert.ok(await open(nobody, { audience: null }));
  await assert.rejects(open(one), wrong);
  await assert.rejects(open(nobody, { audience: 'api' }), wrong);
  await assert.rejects(open(several, { audience: 'API' }), wrong);
  await assert.rejects(open(one, { audience: 'ap' }), wrong);
  const empty = await signJws(utf8('{"aud":[]}'), { signer, type: 'JWT' });
  await assert.rejects(open(empty), wrong);
  await assert.rejects(open(empty, { audience: 'api' }), wrong);
});

test('issuer: where one is asked for, the token must name it', async () => {
  const token = await issue({}, { issuer: 'https://a.example' });
  const wrong = refused('jwt.issuer', 'jwt.iss');
  assert.ok(await open(token, { issuer: ['https://b.example', 'https://a.example'] }));
  await assert.rejects(open(token, { issuer: 'https://a.example/' }), wrong);
  await assert.rejects(open(await issue(), { issuer: 'https://a.example' }), wrong);
});

test('type: JWT or none unless another is asked for, and then that one', async () => {
  const wrong = refused('jwt.type', 'jws.typ');
  for (const type of ['JWT', 'jwt', 'application/jwt', 'APPLICATION/JWT', null])
    assert.ok(await open(await issue({}, { type })), String(type));
  for (const type of ['at+jwt', 'secevent+jwt', 'JWS', 'application/', 'application/application/jwt'])
    await assert.rejects(open(await issue({}, { type })), wrong);
  const access = await issue({}, { type: 'at+jwt' });
  assert.ok(await open(access, { type: 'application/at+jwt' }));
  assert.ok(await open(access, { type: null }));
  await assert.rejects(open(await issue(), { type: 'at+jwt' }), wrong);
  await assert.rejects(open(await issue({}, { type: null }), { type: 'JWT' }), wrong);
});

test('a typ that is no text is refused, unless any type will do', async () => {
  const { signer: odd, token } = await withHeader({ alg: 'EdDSA', typ: 1 }, '{}');
  const options = { trust: await createTrust(odd.publicKey) };
  await assert.rejects(openJwt(token, options), failsWith('VERIFICATION_FAILED', { check: 'jwt.type' }));
});

test('required claims: each has to be there, in the token itself', async () => {
  const token = await issue({ scope: null });
  assert.ok(await open(token, { requiredClaims: ['scope', 'exp', 'iat'] }));
  await assert.rejects(
    open(token, { requiredClaims: ['exp', 'sub'] }),
    refused('jwt.required-claims', 'jwt.sub'),
  );
  const inherited = open(token, { requiredClaims: ['toString'] });
  await assert.rejects(inherited, refused('jwt.required-claims', 'jwt.toString'));
});

test('maxAgeSeconds: an older token is EXPIRED, one from the future NOT_YET_VALID, one without iat refused', async () => {
  const token = await issue();
  const old = refused('jwt.max-age', 'jwt.iat', 'EXPIRED');
  assert.ok(await open(token, { maxAgeSeconds: 60 }, 59));
  await assert.rejects(open(token, { maxAgeSeconds: 60 }, 60), old);
  assert.ok(await open(token, { maxAgeSeconds: 60, skewSeconds: 5 }, 64));
  await assert.rejects(open(token, { maxAgeSeconds: 60, skewSeconds: 5 }, 65), old);
  const future = refused('jwt.issued-at', 'jwt.iat', 'NOT_YET_VALID');
  await assert.rejects(open(token, { maxAgeSeconds: 60 }, -1), future);
  assert.ok(await open(token, { maxAgeSeconds: 60, skewSeconds: 1 }, -1));
  assert.ok(await open(token, {}, -1), 'iat alone says nothing about validity');
  const timeless = await signJws(utf8('{}'), { signer });
  await assert.rejects(open(timeless, { maxAgeSeconds: 60 }), refused('jwt.required-claims', 'jwt.iat'));
});

test('the same clock judges the key', async () => {
  const jwk = { ...signer.publicKey.toJwk(), exp: NOW + 10 };
  const limited = await createTrust({ keys: [jwk] });
  const token = await issue();
  assert.ok(await open(token, { trust: limited }, 10));
  await assert.rejects(
    open(token, { trust: limited, time: 'report' }, 11),
    failsWith('VERIFICATION_FAILED', { check: 'key.not-after' }),
  );
});

test('a token of a shared key: the same rules, and no public key will do', async () => {
  const mac = await keyOf(A1_KEY, 'HS256');
  const other = await fresh('HS256');
  const token = await issue({}, { signer: mac, audience: 'api' });
  const at = fixedClock(NOW).now();
  const { claims, checks, ref, isVerified } = await openJwt(token, {
    mac: [other, mac],
    audience: 'api',
    at,
  });
  assert.deepEqual([claims.aud, ref, isVerified()], ['api', String(mac.key.ref), true]);
  assert.deepEqual(
    checks.map(({ name }) => name),
    ['key.algorithm', 'mac', 'jwt.type', 'jwt.audience', 'jwt.expires-at', 'jwt.not-before'],
  );
  const options = { mac, audience: 'api' };
  await assert.rejects(
    openJwt(token, { ...options, mac: other, at }),
    failsWith('VERIFICATION_FAILED', { check: 'mac' }),
  );
  const late = fixedClock(NOW + 600).now();
  await assert.rejects(openJwt(token, { ...options, at: late }), failsWith('EXPIRED'));
  await assert.rejects(open(token), failsWith('VERIFICATION_FAILED', { check: 'key.algorithm' }));
});

test('a key that cannot be asked is no forged token, whatever other key may have made it', async () => {
  const mac = await fresh('HS256');
  const token = await signJwt({}, { signer: mac, expiresInSeconds: 60 });
  const keys = createKeys([memory()]);
  const gone = (await keys.create('memory:gone', { algorithm: 'HS256' })).use('HS256');
  await keys.close();
  await assert.rejects(openJwt(token, { mac: [gone, mac] }), failsWith('UNAVAILABLE'));
  assert.ok(await openJwt(token, { mac: [mac, gone] }));
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(openJwt(token, { mac, signal }), /enough/);
});

for (const [what, payload, field] of [
  ['claims that are no JSON', 'claims', 'jwt'],
  ['claims that are a list', '[]', 'jwt'],
  ['claims that are not UTF-8', Uint8Array.of(0xff), 'jwt'],
  ['a claim that is there twice', '{"sub":"a","sub":"b"}', 'jwt'],
  ['claims nested too deeply', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`, 'jwt'],
  ['an exp that is text', '{"exp":"1900000000"}', 'jwt.exp'],
  ['an exp that is null', '{"exp":null}', 'jwt.exp'],
  ['an exp beyond all numbers', '{"exp":1e400}', 'jwt.exp'],
  ['an nbf that is a list', '{"nbf":[1]}', 'jwt.nbf'],
  ['an iat that is text', '{"iat":"1"}', 'jwt.iat'],
  ['an iss that is a number', '{"iss":1}', 'jwt.iss'],
  ['a sub that is a list', '{"sub":["a"]}', 'jwt.sub'],
  ['a jti that is a number', '{"jti":1}', 'jwt.jti'],
  ['an aud that is an object', '{"aud":{"api":1}}', 'jwt.aud'],
  ['an aud that holds a number', '{"aud":["api",1]}', 'jwt.aud'],
] as const)
  test(`${what} is MALFORMED, though genuine`, async () => {
    const token = await signJws(typeof payload === 'string' ? utf8(payload) : payload, {
      signer,
      type: 'JWT',
    });
    await assert.rejects(open(token, { audience: null }), failsWith('MALFORMED', { field }));
  });

test('only compact text is a token (RFC 7519 §1)', async () => {
  for (const form of ['flattened', 'general'] as const) {
    const token = await signJws(utf8('{}'), { signer, form });
    await assert.rejects(open(token), failsWith('MALFORMED', { field: 'jws' }));
  }
});

test('a token with a payload that is not encoded is MALFORMED (RFC 7797 §7)', async () => {
  const token = await signJws(utf8('{}'), { signer, unencoded: true });
  await assert.rejects(open(token), failsWith('MALFORMED', { field: 'jws.b64' }));
});

test('a token over the limit is MALFORMED before it is read', async () => {
  const token = await issue();
  assert.ok(await open(token, { maxTextLength: token.length }));
  const long = failsWith('MALFORMED', { field: 'jws' });
  await assert.rejects(open(token, { maxTextLength: token.length - 1 }), long);
  await assert.rejects(open('a'.repeat(65_537)), long);
});

for (const [what, options, field] of [
  ['an option that is not known', { issuers: ['a'] }, 'issuers'],
  ['an audience that is a number', { audience: 1 }, 'audience'],
  ['an empty list of audiences', { audience: [] }, 'audience'],
  ['an issuer that is null', { issuer: null }, 'issuer'],
  ['an empty type', { type: '' }, 'type'],
  ['required claims that are text', { requiredClaims: 'exp' }, 'requiredClaims'],
  ['another way with time', { time: 'ignore' }, 'time'],
  ['a skew that is negative', { skewSeconds: -1 }, 'skewSeconds'],
  ['a skew that is endless', { skewSeconds: Number.POSITIVE_INFINITY }, 'skewSeconds'],
  ['an age of nothing', { maxAgeSeconds: 0 }, 'maxAgeSeconds'],
  ['a time in milliseconds', { at: NOW * 1000 }, 'at'],
  ['algorithms that are text', { algorithms: 'ES256' }, 'algorithms'],
  ['understood parameters, which a token has none of', { understood: ['a'] }, 'understood'],
] as const)
  test(`${what} is ARGUMENT_INVALID`, async () => {
    const given = { trust, ...options } as unknown as OpenJwtOptions;
    await assert.rejects(openJwt(await issue(), given), failsWith('ARGUMENT_INVALID', { field }));
  });

test('a token that is no text is ARGUMENT_INVALID', async () => {
  for (const token of [undefined, utf8(await issue()), { token: 1 }] as unknown as string[])
    await assert.rejects(open(token), failsWith('ARGUMENT_INVALID', { field: 'token' }));
});

/** A token under a header that no option writes. */
async function withHeader(header: object, claims: string) {
  const own = await fresh('Ed25519');
  const [head, body] = [JSON.stringify(header), claims].map((part) =>
    Buffer.from(part).toString('base64url'),
  );
  const signature = Buffer.from(await own.sign(utf8(`${head}.${body}`))).toString('base64url');
  return { signer: own, token: `${head}.${body}.${signature}` };
}
