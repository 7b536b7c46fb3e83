// Key sets as an issuer serves them, before, during and after a rotation.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createKeys, createTrust, importPublicKey, type KeyInfo, type Keys } from 'hardkey';
import { type JwksKey, openJwt, signJwt, toJwks } from 'hardkey/formats/jws';
import { file } from 'hardkey/providers/file';
import { fixedKeys } from 'hardkey/testing';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { A2_KEY, ED25519_KEY } from './rfc.ts';
import { fresh } from './support.ts';

// RFC 8037 A.6.
const X25519_KEY = { kty: 'OKP', crv: 'X25519', x: '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08' };
const signer = await fresh('ES256');
const { publicKey } = signer;

test('a public key: its members, the thumbprint as kid, its algorithm, for signatures', async () => {
  assert.deepEqual(toJwks([await importPublicKey(ED25519_KEY)]), {
    keys: [{ ...ED25519_KEY, kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k', alg: 'EdDSA', use: 'sig' }],
  });
});

test('an RSA key has six algorithms: alone it names none, as a signer its own', async () => {
  const rsa = (await createKeys([fixedKeys()]).open('fixed:RS256')).use('RS256');
  const [plain] = toJwks([rsa.publicKey]).keys;
  assert.ok(plain !== undefined && !Object.hasOwn(plain, 'alg'));
  assert.deepEqual(toJwks([rsa]).keys, [{ ...plain, alg: 'RS256' }]);
  const trust = await createTrust(toJwks([rsa]));
  assert.deepEqual(
    trust.keys.map(({ algorithms }) => algorithms),
    [['RS256']],
  );
});

test('what is read back is what was written, private bytes never among it', async () => {
  const rsa = await importPublicKey(A2_KEY);
  const jwks = toJwks([publicKey, rsa, signer]);
  assert.deepEqual(JSON.parse(JSON.stringify(jwks)), jwks);
  const { keys } = await createTrust(JSON.stringify(jwks));
  assert.deepEqual(
    keys.map((key) => [key.publicKey.fingerprint, key.keyId]),
    [publicKey, rsa].map((key) => [key.fingerprint, key.thumbprint]),
  );
  for (const jwk of jwks.keys) for (const name of ['d', 'p', 'q', 'k']) assert.ok(!Object.hasOwn(jwk, name));
});

test('the order is that of the list, and what is there twice is there once', async () => {
  const [a, b] = [publicKey, await importPublicKey(ED25519_KEY)];
  const kids = (keys: readonly JwksKey[]) => toJwks(keys).keys.map(({ kid }) => kid);
  assert.deepEqual(kids([b, a, b, signer, a]), [b.thumbprint, a.thumbprint]);
  assert.equal(JSON.stringify(toJwks([a, b])), JSON.stringify(toJwks([a, b, a])));
  assert.deepEqual(kids([]), []);
});

test('a kid can be given; a key may have two, and no two keys share one', async () => {
  const other = await importPublicKey(ED25519_KEY);
  const { keys } = toJwks([{ key: signer, keyId: 'issuer-1' }, publicKey]);
  assert.deepEqual(
    keys.map(({ kid, alg }) => [kid, alg]),
    [
      ['issuer-1', 'ES256'],
      [publicKey.thumbprint, 'ES256'],
    ],
  );
  const shared = () =>
    toJwks([
      { key: publicKey, keyId: 'a' },
      { key: other, keyId: 'a' },
    ]);
  assert.throws(shared, failsWith('ARGUMENT_INVALID', { field: 'keys.1.keyId' }));
});

/** Every version of a key that the provider lists. */
async function versions(keys: Keys, label: string): Promise<readonly KeyInfo[]> {
  const found: KeyInfo[] = [];
  for await (const info of keys.list()) if (info.label === label) found.push(info);
  return found;
}

test('rotation: old and new tokens verify by one set, until a version is suspended or compromised', async (t) => {
  const store = await mkdtemp(join(tmpdir(), 'hardkey-jwks-'));
  t.after(() => rm(store, { recursive: true }));
  const keys = createKeys([file({ store, unencrypted: true })]);
  t.after(() => keys.close());
  const before = (await keys.create('file:issuer', { algorithm: 'ES256' })).use('ES256');
  const old = await signJwt({ sub: 'old' }, { signer: before, expiresInSeconds: 600 });
  const after = (await keys.rotate('file:issuer')).use('ES256');
  const young = await signJwt({ sub: 'new' }, { signer: after, expiresInSeconds: 600 });

  const jwks = toJwks(await versions(keys, 'issuer'));
  assert.deepEqual(
    jwks.keys.map(({ kid, alg, use }) => [kid, alg, use]),
    [after, before].map((one) => [one.publicKey.thumbprint, 'ES256', 'sig']),
  );
  const trust = await createTrust(jwks);
  assert.equal((await openJwt(old, { trust })).claims.sub, 'old');
  assert.equal((await openJwt(young, { trust })).claims.sub, 'new');

  for (const state of ['suspended', 'compromised'] as const) {
    await keys.setState('file:issuer?version=1', state);
    const left = toJwks(await versions(keys, 'issuer'));
    assert.deepEqual(
      left.keys.map(({ kid }) => kid),
      [after.publicKey.thumbprint],
    );
    const narrowed = await createTrust(left);
    assert.ok(await openJwt(young, { trust: narrowed }));
    const unknown = failsWith('VERIFICATION_FAILED', { check: 'key.known' });
    await assert.rejects(openJwt(old, { trust: narrowed }), unknown);
  }
});

test('of a list, what signs nothing is left out: shared keys, and keys of other uses', async () => {
  const infos = await collected(createKeys([fixedKeys()]).list());
  assert.ok(infos.some(({ algorithms }) => algorithms.includes('HS256')));
  const { keys } = toJwks(infos);
  assert.deepEqual([...new Set(keys.map(({ alg }) => alg))], ['EdDSA', 'ES256', 'ES512', 'RS256', 'PS256']);
  assert.ok(keys.every(({ kty }) => kty !== 'oct'));
});

for (const [what, given, field] of [
  ['what is no list', publicKey, 'keys'],
  ['a shared key', [await fresh('HS256')], 'keys.0'],
  ['a key agreement', [publicKey, await fresh('ECDH-ES+A128KW')], 'keys.1'],
  ['a public key that signs nothing', [await importPublicKey(X25519_KEY)], 'keys.0'],
  ['the text of a key', [publicKey.toPem()], 'keys.0'],
  ['a JWK', [publicKey.toJwk()], 'keys.0'],
  ['an empty kid', [{ key: publicKey, keyId: '' }], 'keys.0.keyId'],
  ['an option that is not known', [{ key: publicKey, kid: 'a' }], 'keys.0.kid'],
  ['an entry of no key', [{ key: {} }], 'keys.0.key'],
] as const)
  test(`${what} is ARGUMENT_INVALID`, () => {
    assert.throws(() => toJwks(given as unknown as JwksKey[]), failsWith('ARGUMENT_INVALID', { field }));
  });
