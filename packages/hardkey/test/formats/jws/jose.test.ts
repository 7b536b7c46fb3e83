// The library most programs use: it verifies what we sign, and we verify what it signs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Algorithm,
  type AlgorithmFacts,
  algorithm,
  algorithms,
  createTrust,
  isFailure,
  type Mac,
  type MacAlgorithm,
  type SignatureAlgorithm,
  type Signer,
} from 'hardkey';
import { openJws, openJwt, signGeneralJws, signJws, signJwt, toJwks } from 'hardkey/formats/jws';
import * as jose from 'jose';
import { publishedKeys } from '../../../src/testing/published.ts';
import { fresh, keyOf, text, utf8 } from './support.ts';

const PAYLOAD = utf8('what both sign: ~ 1$');

/** What jose has no name for. */
const NOT_IN_JOSE: readonly Algorithm[] = ['Ed448', 'ES256K'];
const signing = algorithms.filter(
  ({ operation, name }) => operation === 'sign' && !NOT_IN_JOSE.includes(name),
);
const sharing = algorithms.filter(({ operation }) => operation === 'mac');

/** RFC 7520 §3.4, because making RSA keys takes long. */
const RSA = publishedKeys.find(({ algorithms }) => algorithms.includes('RS256'))?.jwk ?? {};

/** A key of ours, or why this runtime has none. */
async function oursFor(name: SignatureAlgorithm): Promise<Signer | string> {
  try {
    return await (algorithm(name).keyType === 'RSA' ? keyOf(RSA, name) : fresh(name));
  } catch (error) {
    if (isFailure(error, 'UNSUPPORTED')) return `${name} is not in this runtime`;
    throw error;
  }
}

/** A key of theirs: what signs, and its public JWK. */
async function theirsFor(alg: string, { keyType }: AlgorithmFacts) {
  if (keyType === 'RSA')
    return {
      privateKey: await jose.importJWK(RSA, alg),
      jwk: { kty: RSA['kty'], n: RSA['n'], e: RSA['e'], alg },
    };
  const { privateKey, publicKey } = await jose.generateKeyPair(alg);
  return { privateKey, jwk: { ...(await jose.exportJWK(publicKey)), alg } };
}

for (const facts of signing)
  test(`${facts.name}: compact, flattened, general, detached, unencoded and JWT, both ways`, async (t) => {
    const { name, jose: alg = '' } = facts;
    const ours = await oursFor(name as SignatureAlgorithm);
    if (typeof ours === 'string') return t.skip(ours);
    await oursToThem(ours, await jose.importJWK(ours.publicKey.toJwk(), alg));
    const { privateKey, jwk } = await theirsFor(alg, facts);
    await theirsToUs(privateKey, alg, { trust: await createTrust(jwk) });
  });

for (const { name, keyBits = 0 } of sharing)
  test(`${name}: compact, flattened, general, detached, unencoded and JWT, both ways`, async () => {
    const secret = crypto.getRandomValues(new Uint8Array(keyBits / 8));
    const k = Buffer.from(secret).toString('base64url');
    const mac = await keyOf({ kty: 'oct', k }, name as MacAlgorithm);
    await oursToThem(mac, secret);
    await theirsToUs(secret, name, { mac });
  });

/** What we sign verifies there, and gives the same. */
async function oursToThem(signer: Signer | Mac, key: jose.CryptoKey | Uint8Array): Promise<void> {
  const compact = await jose.compactVerify(await signJws(PAYLOAD, { signer, type: 'a' }), key);
  assert.deepEqual([Uint8Array.from(compact.payload), compact.protectedHeader.typ], [PAYLOAD, 'a']);

  const unprotectedHeaders = { note: 'n' };
  const written = await signJws(PAYLOAD, { signer, form: 'flattened', unprotectedHeaders });
  const flattened = await jose.flattenedVerify(JSON.parse(written) as jose.FlattenedJWSInput, key);
  assert.deepEqual(
    [Uint8Array.from(flattened.payload), flattened.unprotectedHeader],
    [PAYLOAD, unprotectedHeaders],
  );

  const several = await signGeneralJws(PAYLOAD, [
    { signer, keyId: 'a' },
    { signer, keyId: 'b' },
  ]);
  const general = await jose.generalVerify(JSON.parse(several) as jose.GeneralJWSInput, key);
  assert.deepEqual(Uint8Array.from(general.payload), PAYLOAD);

  const apart = JSON.parse(
    await signJws(PAYLOAD, { signer, form: 'flattened', detached: true, unencoded: true }),
  ) as object;
  const detached = await jose.flattenedVerify(
    { ...(apart as jose.FlattenedJWSInput), payload: PAYLOAD },
    key,
  );
  assert.equal(detached.protectedHeader?.b64, false);

  const plain = JSON.parse(
    await signJws(PAYLOAD, { signer, form: 'flattened', unencoded: true }),
  ) as jose.FlattenedJWSInput;
  assert.equal(plain.payload, text(PAYLOAD));
  assert.deepEqual(Uint8Array.from((await jose.flattenedVerify(plain, key)).payload), PAYLOAD);

  const token = await signJwt(
    { a: 1 },
    { signer, issuer: 'i', subject: 's', audience: ['x', 'y'], expiresInSeconds: 60, jwtId: 'j' },
  );
  const { payload } = await jose.jwtVerify(token, key, {
    issuer: 'i',
    subject: 's',
    audience: 'y',
    typ: 'JWT',
    maxTokenAge: 60,
  });
  assert.deepEqual([payload['a'], payload.jti], [1, 'j']);
}

/** What they sign verifies here, and gives the same. */
async function theirsToUs(
  key: jose.CryptoKey | Uint8Array,
  alg: string,
  options: { readonly trust: Awaited<ReturnType<typeof createTrust>> } | { readonly mac: Mac },
): Promise<void> {
  const open = async (jws: string, payload?: Uint8Array) => {
    const more = payload === undefined ? {} : { payload };
    return 'mac' in options ? openJws(jws, { ...options, ...more }) : openJws(jws, { ...options, ...more });
  };
  const compact = await new jose.CompactSign(PAYLOAD).setProtectedHeader({ alg }).sign(key);
  assert.deepEqual((await open(compact)).payload, PAYLOAD);

  const flattened = await new jose.FlattenedSign(PAYLOAD)
    .setProtectedHeader({ alg })
    .setUnprotectedHeader({ note: 'n' })
    .sign(key);
  assert.deepEqual((await open(JSON.stringify(flattened))).headers.unprotected, { note: 'n' });

  const general = new jose.GeneralSign(PAYLOAD);
  general.addSignature(key).setProtectedHeader({ alg });
  general.addSignature(key).setProtectedHeader({ alg, kid2: 'b' });
  assert.equal((await open(JSON.stringify(await general.sign()))).signatures.length, 2);

  const { payload: _, ...detached } = await new jose.FlattenedSign(PAYLOAD)
    .setProtectedHeader({ alg, b64: false, crit: ['b64'] })
    .sign(key);
  assert.deepEqual((await open(JSON.stringify(detached), PAYLOAD)).payload, PAYLOAD);

  const token = await new jose.SignJWT({ a: 1 })
    .setProtectedHeader({ alg, typ: 'JWT' })
    .setIssuer('i')
    .setAudience('x')
    .setIssuedAt()
    .setNotBefore('0s')
    .setExpirationTime('1m')
    .sign(key);
  const asked = { issuer: 'i', audience: 'x', maxAgeSeconds: 60, requiredClaims: ['exp', 'nbf'] };
  const { claims } = await ('mac' in options
    ? openJwt(token, { ...options, ...asked })
    : openJwt(token, { ...options, ...asked }));
  assert.equal(claims['a'], 1);
}

for (const name of NOT_IN_JOSE)
  test(`${name} is not in jose: when that changes, it moves up to the others`, async () => {
    const { publicKey } = (await fresh(name as SignatureAlgorithm)) as Signer;
    await assert.rejects(async () => jose.importJWK(publicKey.toJwk(), name));
  });

test('a key set of ours, with several kinds of keys, finds them the key of each token', async () => {
  const signers = [await fresh('ES256'), await fresh('ES256'), await fresh('Ed25519'), await fresh('PS256')];
  const find = jose.createLocalJWKSet(toJwks(signers) as unknown as jose.JSONWebKeySet);
  for (const signer of signers) {
    const token = await signJwt({ sub: 'user' }, { signer, expiresInSeconds: 60 });
    const { payload, protectedHeader } = await jose.jwtVerify(token, find);
    assert.deepEqual([payload.sub, protectedHeader.kid], ['user', signer.publicKey.thumbprint]);
  }
});

test('a key set of theirs, with thumbprints for names, is a trust', async () => {
  const pairs = await Promise.all(
    ['ES384', 'Ed25519', 'RS256'].map(async (alg) => ({ alg, ...(await jose.generateKeyPair(alg)) })),
  );
  const keys = await Promise.all(
    pairs.map(async ({ alg, publicKey }) => {
      const jwk = await jose.exportJWK(publicKey);
      return { ...jwk, alg, use: 'sig', kid: await jose.calculateJwkThumbprint(jwk) };
    }),
  );
  const trust = await createTrust({ keys });
  for (const [index, { alg, privateKey }] of pairs.entries()) {
    const kid = keys[index]?.kid ?? '';
    const token = await new jose.SignJWT({}).setProtectedHeader({ alg, kid }).sign(privateKey);
    const { key, keyId } = await openJwt(token, { trust });
    assert.deepEqual([keyId, key.publicKey.thumbprint], [kid, kid]);
  }
});

test('thumbprints agree for every kind of key', async () => {
  for (const name of ['Ed25519', 'ES256', 'ES384', 'ES512', 'RS256'] as const) {
    const { publicKey } = await fresh(name);
    assert.equal(await jose.calculateJwkThumbprint(publicKey.toJwk() as jose.JWK), publicKey.thumbprint);
  }
});
