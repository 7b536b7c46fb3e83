// Issuing tokens: what is written, and what is refused before anything is signed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import { openJwt, type SignJwtOptions, signJwt } from 'hardkey/formats/jws';
import { fixedClock } from 'hardkey/testing';
import { failsWith } from '../../support/failures.ts';
import { fresh, headerOf, json } from './support.ts';

const clock = fixedClock(1_800_000_000.9);
const signer = await fresh('ES256');
const trust = await createTrust(signer.publicKey);
const claimsOf = (token: string) => json(token.split('.')[1]);

test('the options become claims, in whole seconds of the given time', async () => {
  const at = clock.now();
  const token = await signJwt(
    { scope: 'read', nested: { list: [1, null, true] } },
    {
      signer,
      issuer: 'https://issuer.example',
      subject: 'user-1',
      audience: ['api', 'admin'],
      expiresInSeconds: 300,
      notBefore: 1_800_000_010,
      jwtId: '',
      at,
    },
  );
  assert.deepEqual(headerOf(token), { alg: 'ES256', kid: signer.publicKey.thumbprint, typ: 'JWT' });
  assert.deepEqual(claimsOf(token), {
    iat: 1_800_000_000,
    scope: 'read',
    nested: { list: [1, null, true] },
    iss: 'https://issuer.example',
    sub: 'user-1',
    aud: ['api', 'admin'],
    exp: 1_800_000_300,
    nbf: 1_800_000_010,
    jti: '',
  });
  assert.equal(at.getTime(), clock.now().getTime());
});

test('claims may say themselves what the options say, once', async () => {
  const claims = { iss: 'a', sub: 'b', aud: 'c', exp: 1_800_000_300.5, nbf: 1, iat: 2, jti: 'd' };
  assert.deepEqual(claimsOf(await signJwt(claims, { signer })), claims);
  for (const [field, option] of Object.entries({
    issuer: 'a',
    subject: 'b',
    audience: 'c',
    expiresInSeconds: 1,
    expiresAt: null,
    notBefore: 1,
    jwtId: 'd',
  })) {
    const twice = signJwt(claims, { signer, [field]: option } as unknown as SignJwtOptions);
    await assert.rejects(twice, failsWith('ARGUMENT_INVALID', { field }));
  }
});

test('a token that never expires is asked for, and not an oversight', async () => {
  await assert.rejects(signJwt({}, { signer }), failsWith('ARGUMENT_INVALID', { field: 'expiresAt' }));
  const token = await signJwt({}, { signer, expiresAt: null });
  assert.deepEqual(Object.keys(claimsOf(token)), ['iat']);
  assert.ok((await openJwt(token, { trust })).isVerified());
});

test('the type is JWT, another, or none', async () => {
  const given = { signer, expiresInSeconds: 60 };
  assert.equal(headerOf(await signJwt({}, { ...given, type: 'at+jwt' }))['typ'], 'at+jwt');
  assert.deepEqual(Object.keys(headerOf(await signJwt({}, { ...given, type: null, keyId: null }))), ['alg']);
});

test('claims that JSON keeps apart from objects stay claims', async () => {
  const claims = JSON.parse('{"__proto__":1,"constructor":"a","toString":[]}') as Record<string, unknown>;
  const token = await signJwt(claims, { signer, expiresInSeconds: 60 });
  const opened = await openJwt(token, { trust });
  assert.deepEqual(Object.keys(opened.claims).slice(1, 4), ['__proto__', 'constructor', 'toString']);
  const bare = Object.assign(Object.create(null) as object, { a: 1 }) as Record<string, unknown>;
  assert.equal(claimsOf(await signJwt(bare, { signer, expiresInSeconds: 60 }))['a'], 1);
});

test('a token longer than verifiers read is not made', async () => {
  const long = signJwt({ a: 'a'.repeat(50_000) }, { signer, expiresInSeconds: 60 });
  await assert.rejects(long, failsWith('ARGUMENT_INVALID', { field: 'claims' }));
});

for (const [what, claims, field] of [
  ['claims that are a list', [], 'claims'],
  ['claims that are text', 'a', 'claims'],
  ['claims of a class', new Map(), 'claims'],
  ['a claim that is undefined', { sub: undefined }, 'claims.sub'],
  ['a claim that is a date', { when: new Date() }, 'claims.when'],
  ['a claim that is not finite', { a: { b: [1, Number.NaN] } }, 'claims.a.b.1'],
  ['a claim that is a big integer', { n: 1n }, 'claims.n'],
  ['a claim that is bytes', { b: Uint8Array.of(1) }, 'claims.b'],
  ['a claim that is a function', { f: () => 1 }, 'claims.f'],
  ['a list with a hole', { l: new Array(1) }, 'claims.l.0'],
  ['an iss that is no text', { iss: 1 }, 'claims.iss'],
  ['an aud that is a list of numbers', { aud: ['a', 1] }, 'claims.aud'],
  ['an exp that is text', { exp: '1' }, 'claims.exp'],
  ['an exp in milliseconds', { exp: 1_800_000_000_000 }, 'claims.exp'],
  ['an nbf in milliseconds', { nbf: 1_800_000_000_000 }, 'claims.nbf'],
  ['an iat before 1970', { iat: -1 }, 'claims.iat'],
  ['an exp before its nbf', { nbf: 1_800_000_700 }, 'claims.exp'],
  ['an exp at its iat', { iat: 1_800_000_600 }, 'claims.exp'],
] as const)
  test(`${what} is ARGUMENT_INVALID`, async () => {
    const end = Object.hasOwn(Object(claims) as object, 'exp') ? {} : { expiresInSeconds: 600 };
    await assert.rejects(
      signJwt(claims as unknown as Record<string, unknown>, { signer, at: clock.now(), ...end }),
      failsWith('ARGUMENT_INVALID', { field }),
    );
  });

for (const [what, options, field] of [
  ['no signer', { signer: undefined }, 'signer'],
  ['an option that is not known', { expiresIn: '5m' }, 'expiresIn'],
  ['text in the place of seconds', { expiresInSeconds: '300' }, 'expiresInSeconds'],
  ['no time at all', { expiresInSeconds: 0 }, 'expiresInSeconds'],
  ['an endless time', { expiresInSeconds: Number.POSITIVE_INFINITY }, 'expiresInSeconds'],
  ['both ends', { expiresAt: 1_900_000_000 }, 'expiresAt'],
  ['an end in milliseconds', { expiresInSeconds: undefined, expiresAt: 1_900_000_000_000 }, 'expiresAt'],
  ['a date', { notBefore: new Date() }, 'notBefore'],
  ['an empty issuer', { issuer: '' }, 'issuer'],
  ['a subject that is a number', { subject: 1 }, 'subject'],
  ['no audience in a list', { audience: [] }, 'audience'],
  ['a jwtId that is a number', { jwtId: 1 }, 'jwtId'],
  ['an empty type', { type: '' }, 'type'],
  ['a time that is none', { at: new Date('never') }, 'at'],
  ['unencoded claims', { unencoded: true }, 'unencoded'],
] as const)
  test(`${what} is ARGUMENT_INVALID`, async () => {
    const given = { signer, expiresInSeconds: 60, ...options } as unknown as SignJwtOptions;
    await assert.rejects(signJwt({}, given), failsWith('ARGUMENT_INVALID', { field }));
  });
