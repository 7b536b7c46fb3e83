// What a signer may say, and what is refused before anything is signed.
import assert from 'node:assert/strict';
import { createPrivateKey, sign as signBytes } from 'node:crypto';
import { test } from 'node:test';
import { createTrust, importPublicKey, type Signer } from 'hardkey';
import { openJws, type SignJwsOptions, signGeneralJws, signJws } from 'hardkey/formats/jws';
import { authority, signer as leafCertificate } from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';
import { A1_KEY } from './rfc.ts';
import { fresh, headerOf, keyOf, utf8 } from './support.ts';

const PAYLOAD = utf8('content');
const signer = await fresh('ES256');
const trust = await createTrust(signer.publicKey);
const mac = await keyOf(A1_KEY, 'HS256');

test('type, content type and further parameters are written and covered', async () => {
  const jws = await signJws(PAYLOAD, {
    signer,
    keyId: 'key-7',
    type: 'example+jws',
    contentType: 'text/plain',
    protectedHeaders: { url: 'https://example.org', jwk: signer.publicKey.toJwk() },
  });
  assert.deepEqual(headerOf(jws), {
    alg: 'ES256',
    kid: 'key-7',
    typ: 'example+jws',
    cty: 'text/plain',
    url: 'https://example.org',
    jwk: signer.publicKey.toJwk(),
  });
  const { headers } = await openJws(jws, { trust });
  assert.deepEqual(headers.protected, headerOf(jws));
});

test('a shared key has no kid unless one is given: its thumbprint would say something of it', async () => {
  assert.deepEqual(headerOf(await signJws(PAYLOAD, { signer: mac })), { alg: 'HS256' });
  assert.equal(headerOf(await signJws(PAYLOAD, { signer: mac, keyId: 'shared' }))['kid'], 'shared');
});

test('a payload over 64 MiB is MALFORMED before it is encoded, and is signed as it is', async () => {
  const large = new Uint8Array(2 ** 26 + 1);
  const refused = failsWith('MALFORMED', { field: 'jws.payload' });
  await assert.rejects(signJws(large, { signer }), refused);
  await assert.rejects(signJws(large, { signer, detached: true }), refused);
  const jws = await signJws(large, { signer, detached: true, unencoded: true });
  assert.equal((await openJws(jws, { trust, payload: large })).payload.length, large.length);
  const encoded = await signJws(PAYLOAD, { signer, detached: true });
  await assert.rejects(openJws(encoded, { trust, payload: large }), refused);
});

test('certificates go into x5c, and lead a verifier who has the root to the key', async () => {
  const root = authority({ subject: 'root' });
  const leaf = leafCertificate({ subject: 'leaf', issuer: root });
  const certified = await localSigner(leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const jws = await signJws(PAYLOAD, { signer: certified, certificates: [leaf.der] });
  assert.deepEqual(headerOf(jws)['x5c'], [Buffer.from(leaf.der).toString('base64')]);
  const opened = await openJws(jws, { trust: await createTrust(root.der) });
  assert.equal(opened.key.publicKey.fingerprint, certified.publicKey.fingerprint);
  assert.ok(opened.checks.some(({ name, passed }) => name === 'x509.root' && passed));
  const otherRoot = await createTrust(authority({ subject: 'root' }).der);
  await assert.rejects(openJws(jws, { trust: otherRoot }), failsWith('VERIFICATION_FAILED'));
  const mismatch = failsWith('SIGNER_MISMATCH', {
    field: 'certificates.0',
    actual: signer.publicKey.fingerprint,
    expected: certified.publicKey.fingerprint,
  });
  await assert.rejects(signJws(PAYLOAD, { signer, certificates: [leaf.der] }), mismatch);
  const broken = signJws(PAYLOAD, { signer, certificates: [Uint8Array.of(1)] });
  await assert.rejects(broken, failsWith('MALFORMED', { field: 'certificates.0' }));
  const shared = signJws(PAYLOAD, { signer: mac, certificates: [leaf.der] });
  await assert.rejects(shared, failsWith('ARGUMENT_INVALID', { field: 'certificates' }));
});

test('an x5t#S256 of another certificate than the one of x5c is refused', async () => {
  const root = authority({ subject: 'root' });
  const leaf = leafCertificate({ subject: 'leaf', issuer: root });
  const certified = await localSigner(leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const jws = await signJws(PAYLOAD, {
    signer: certified,
    certificates: [leaf.der],
    protectedHeaders: { 'x5t#S256': Buffer.alloc(32).toString('base64url') },
  });
  const wrong = failsWith('VERIFICATION_FAILED', { check: 'x509.x5t' });
  await assert.rejects(openJws(jws, { trust: await createTrust(root.der) }), wrong);
});

test('an answer that is no signature of the algorithm is SIGNER_MISMATCH', async () => {
  for (const answer of [Uint8Array.of(0x30, 6), new Uint8Array(), new Uint8Array(70), 'text', undefined]) {
    const odd = { ...signer, sign: () => Promise.resolve(answer) } as unknown as Signer;
    await assert.rejects(
      signJws(PAYLOAD, { signer: odd }),
      failsWith('SIGNER_MISMATCH', { algorithm: 'ES256', ref: String(signer.key.ref) }),
    );
  }
  const short = { ...mac, mac: () => Promise.resolve(new Uint8Array(16)) };
  await assert.rejects(signJws(PAYLOAD, { signer: short }), failsWith('SIGNER_MISMATCH'));
});

test('what the signer throws is passed on, and so is the signal', async () => {
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  await assert.rejects(signJws(PAYLOAD, { signer, signal }), reason);
  await assert.rejects(signGeneralJws(PAYLOAD, [{ signer }], { signal }), reason);
});

const loop: Record<string, unknown> = {};
loop['loop'] = loop;
for (const [what, options, field] of [
  ['no signer', {}, 'signer'],
  ['a signer that is a public key', { signer: signer.publicKey }, 'signer'],
  ['a signer of an algorithm that is none', { signer: { ...signer, algorithm: 'none' } }, 'signer'],
  ['a signer that says it is a shared key', { signer: { ...signer, algorithm: 'HS256' } }, 'signer'],
  ['a shared key that says it signs', { signer: { ...mac, algorithm: 'ES256' } }, 'signer'],
  ['an option that is not known', { signer, kid: 'a' }, 'kid'],
  ['a keyId that is bytes', { signer, keyId: Uint8Array.of(1) }, 'keyId'],
  ['an empty keyId', { signer, keyId: '' }, 'keyId'],
  ['a type that is no text', { signer, type: 1 }, 'type'],
  ['a contentType that is no text', { signer, contentType: null }, 'contentType'],
  ['a form that is not known', { signer, form: 'json' }, 'form'],
  ['detached that is text', { signer, detached: 'false' }, 'detached'],
  ['unencoded that is text', { signer, unencoded: 'no' }, 'unencoded'],
  ['certificates that are text', { signer, certificates: ['PEM'] }, 'certificates'],
  ['protectedHeaders that are a Map', { signer, protectedHeaders: new Map() }, 'protectedHeaders'],
  ['alg among the headers', { signer, protectedHeaders: { alg: 'none' } }, 'protectedHeaders.alg'],
  ['kid among the headers', { signer, protectedHeaders: { kid: 'a' } }, 'protectedHeaders.kid'],
  ['crit among the headers', { signer, protectedHeaders: { crit: ['a'] } }, 'protectedHeaders.crit'],
  ['b64 among the headers', { signer, protectedHeaders: { b64: false } }, 'protectedHeaders.b64'],
  ['a header that is a date', { signer, protectedHeaders: { a: [new Date()] } }, 'protectedHeaders.a.0'],
  ['a header that holds itself', { signer, protectedHeaders: loop }, `protectedHeaders${'.loop'.repeat(33)}`],
  ['critical that names nothing', { signer, critical: ['a'] }, 'critical'],
  [
    'critical that names a thing twice',
    { signer, critical: ['a', 'a'], protectedHeaders: { a: 1 } },
    'critical',
  ],
  [
    'critical that names what all know',
    { signer, critical: ['jku'], protectedHeaders: { jku: 'a' } },
    'critical',
  ],
  ['an unprotected header in compact text', { signer, unprotectedHeaders: { a: 1 } }, 'unprotectedHeaders'],
  [
    'alg that is not protected',
    { signer, unprotectedHeaders: { alg: 'a' }, form: 'flattened' },
    'unprotectedHeaders.alg',
  ],
  [
    'kid both protected and not',
    { signer, unprotectedHeaders: { kid: 'a' }, form: 'flattened' },
    'unprotectedHeaders.kid',
  ],
] as const)
  test(`${what} is ARGUMENT_INVALID`, async () => {
    await assert.rejects(
      signJws(PAYLOAD, options as unknown as SignJwsOptions),
      failsWith('ARGUMENT_INVALID', { field }),
    );
  });

test('a payload that is text is ARGUMENT_INVALID: it is bytes that are signed', async () => {
  const given = 'content' as unknown as Uint8Array;
  const refused = failsWith('ARGUMENT_INVALID', { field: 'payload' });
  await assert.rejects(signJws(given, { signer }), refused);
  await assert.rejects(signGeneralJws(given, [{ signer }]), refused);
});

test('no signers, too many, and a wrong option of one of them are ARGUMENT_INVALID', async () => {
  for (const signers of [[], Array.from({ length: 17 }, () => ({ signer })), { signer }] as unknown as [][])
    await assert.rejects(
      signGeneralJws(PAYLOAD, signers),
      failsWith('ARGUMENT_INVALID', { field: 'signers' }),
    );
  const wrong = [{ signer }, { signer, detached: true }];
  await assert.rejects(
    signGeneralJws(PAYLOAD, wrong),
    failsWith('ARGUMENT_INVALID', { field: 'signers.1.detached' }),
  );
});

for (const [what, options, field] of [
  ['nothing that is trusted', {}, 'trust'],
  ['no options at all', undefined, 'trust'],
  ['a key in the place of a trust', { trust: signer.publicKey }, 'trust'],
  ['both trust and mac', { trust, mac }, 'mac'],
  ['a mac that only signs', { mac: signer }, 'mac'],
  ['an empty list of macs', { mac: [] }, 'mac'],
  ['an option that is not known', { trust, now: new Date() }, 'now'],
  ['a time with mac, which judges none', { mac, at: new Date() }, 'at'],
  ['a time that is none', { trust, at: new Date(Number.NaN) }, 'at'],
  ['a time in seconds', { trust, signedAt: 1 }, 'signedAt'],
  ['a payload that is text', { trust, payload: 'content' }, 'payload'],
  ['algorithms that are none', { trust, algorithms: ['none'] }, 'algorithms'],
  ['algorithms of shared keys', { trust, algorithms: ['HS256'] }, 'algorithms'],
  ['no algorithms', { trust, algorithms: [] }, 'algorithms'],
  ['understood that is text', { trust, understood: 'exp' }, 'understood'],
  ['a minimum of no signers', { trust, minimumSigners: 0 }, 'minimumSigners'],
  ['a limit that is none', { trust, maxTextLength: Number.NaN }, 'maxTextLength'],
] as const)
  test(`verifying with ${what} is ARGUMENT_INVALID`, async () => {
    const jws = await signJws(PAYLOAD, { signer });
    await assert.rejects(
      openJws(jws, options as unknown as { trust: typeof trust }),
      failsWith('ARGUMENT_INVALID', { field }),
    );
  });

test('verifying what is no text is ARGUMENT_INVALID', async () => {
  const bytes = utf8(await signJws(PAYLOAD, { signer })) as unknown as string;
  await assert.rejects(openJws(bytes, { trust }), failsWith('ARGUMENT_INVALID', { field: 'jws' }));
});

/** A signer as a program of another service writes it: of no provider of ours. */
async function localSigner(pem: string | Buffer): Promise<Signer> {
  const key = createPrivateKey(pem);
  const { d: _, ...jwk } = key.export({ format: 'jwk' });
  return {
    algorithm: 'ES256',
    key: signer.key,
    publicKey: await importPublicKey(jwk as Record<string, unknown>),
    sign: (message) =>
      Promise.resolve(Uint8Array.from(signBytes('sha256', message, { key, dsaEncoding: 'ieee-p1363' }))),
  };
}
