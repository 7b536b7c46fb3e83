// By which names a verification key is found, and what a certificate says about when it may sign.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createKeys, createTrust, type Signer, type Trust } from 'hardkey';
import { type DecodeOptions, decode, encode, inspect } from 'hardkey/formats/claim169';
import { decodeSign1, encodeCoseKeySet, signerCertificates, signSign1 } from 'hardkey/formats/cose';
import { memory } from 'hardkey/providers/memory';
import { certificateHash } from '../../../src/core/x509/x5t.ts';
import { encodeBase58 } from '../../../src/encoding/base58.ts';
import { encodeBase64url } from '../../../src/encoding/base64.ts';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { CborTag, type CborValue } from '../../../src/encoding/cbor/index.ts';
import { encodeCwt } from '../../../src/formats/cwt/claims.ts';
import {
  authority,
  type CertificateSpec,
  signer as certificateOf,
  pairOf,
  pemOf,
  type TestKeys,
  usage,
} from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';
import { AT, contentOf, issuerFor, META, NOW, textOf } from './support.ts';

/** A signer whose key tests can put into certificates. */
async function certified(t: TestContext): Promise<{ readonly signer: Signer; readonly keys: TestKeys }> {
  const provider = createKeys([memory()]);
  t.after(() => provider.close());
  const key = await provider.create('memory:signer', { algorithm: 'ES256' });
  return { signer: key.use('ES256'), keys: await pairOf(key) };
}

const root = authority({ subject: 'Country' });
const between = authority({ subject: 'Ministry', issuer: root });
const country = await createTrust(root.der);
const day = (text: string): number => Date.parse(text) / 1000;

/** A credential with the chain of a certificate that is as `spec` says. */
async function chained(t: TestContext, spec: Partial<CertificateSpec> = {}, meta = {}) {
  const { signer, keys } = await certified(t);
  const { issuer = between } = spec;
  const leaf = certificateOf({ subject: 'Signer', issuer, keys, ...spec });
  // Past the checks of the issuing side: this is what others write.
  const cose = await signSign1(encodeCwt({ ...META, ...meta }, new Map([[169, new Map([[1, 'A']])]])), {
    signer,
    protectedHeaders: new Map<CborValue, CborValue>([[33, [leaf.der, issuer.der]]]),
  });
  return { text: textOf(cose), leaf, signer };
}

test('a chain leads to the pinned root, and every check of the path is listed', async (t) => {
  const { signer, keys } = await certified(t);
  const leaf = certificateOf({ subject: 'Signer', issuer: between, keys });
  for (const certificates of [
    [leaf.der, between.der],
    pemOf(leaf) + pemOf(between),
    await signerCertificates(signer, { x5chain: [leaf.der, between.der] }),
  ]) {
    const { text, warnings } = await encode(
      { id: 'A' },
      { ...META, issuedAt: NOW - 60 },
      { signer, certificates },
    );
    assert.deepEqual(warnings, []);
    const { verification, isVerified, x509 } = await decode(text, { trust: country, at: AT });
    assert.equal(isVerified(), true);
    const names = verification.checks.map(({ name }) => name);
    for (const name of [
      'x509.root',
      'x509.not-after',
      'x509.key-usage',
      'x509.valid-at-issue',
      'signature',
    ]) {
      assert.ok(names.includes(name), name);
    }
    assert.ok(verification.checks.every(({ passed }) => passed));
    assert.deepEqual(x509?.x5chain?.length, 2);
    assert.deepEqual((await inspect(text)).x509?.x5chain?.length, 2);
    const other = await createTrust(authority({ subject: 'Another country' }).der);
    const refused = failsWith('VERIFICATION_FAILED', { check: 'x509.root' });
    await assert.rejects(decode(text, { trust: other, at: AT }), refused);
  }
});

test('the chain is in the protected header, and the certificate of another key is SIGNER_MISMATCH', async (t) => {
  const [{ signer, keys }, other] = [await certified(t), await certified(t)];
  const leaf = certificateOf({ subject: 'Signer', issuer: root, keys });
  const { text } = await encode({ id: 'A' }, META, { signer, certificates: [leaf.der] });
  const { headers } = decodeSign1(await contentOf(text));
  assert.deepEqual([headers.protected.get(33), headers.unprotected.size], [leaf.der, 0]);
  const mismatch = failsWith('SIGNER_MISMATCH');
  await assert.rejects(
    encode({ id: 'A' }, META, { signer: other.signer, certificates: [leaf.der] }),
    mismatch,
  );
  const prepared = await signerCertificates(signer, { x5chain: [leaf.der] });
  await assert.rejects(encode({ id: 'A' }, META, { signer: other.signer, certificates: prepared }), mismatch);
  const unordered = failsWith('ARGUMENT_INVALID', { field: 'x5chain.0' });
  await assert.rejects(
    encode({ id: 'A' }, META, { signer, certificates: [leaf.der, between.der] }),
    unordered,
  );
});

test('issuing outside of the certificate is ARGUMENT_INVALID, and a credential that outlives it a warning', async (t) => {
  const { signer, keys } = await certified(t);
  const notAfter = '2026-06-30T00:00:00Z';
  const leaf = certificateOf({
    subject: 'Signer',
    issuer: root,
    keys,
    notBefore: '2026-01-01T00:00:00Z',
    notAfter,
  });
  const certificates = [leaf.der];
  const refused = failsWith('ARGUMENT_INVALID', { field: 'meta.issuedAt' });
  for (const time of ['2025-12-31T23:59:59Z', '2026-06-30T00:00:01Z']) {
    await assert.rejects(
      encode({ id: 'A' }, { ...META, issuedAt: day(time) }, { signer, certificates }),
      refused,
    );
  }
  for (const [expiresAt, expected] of [
    [day(notAfter), 0],
    [day(notAfter) + 1, 0],
    [day(notAfter) + 2, 1],
    [undefined, 1],
  ] as const) {
    const meta = { issuer: 'https://issuer.example', issuedAt: NOW, ...(expiresAt && { expiresAt }) };
    const { warnings } = await encode({ id: 'A' }, meta, { signer, certificates });
    assert.deepEqual(
      warnings.map(({ code }) => code),
      Array(expected).fill('certificate-ends-first'),
    );
  }
});

/** What is wrong with a signer's certificate, and the check that says so. */
const WRONG: readonly (readonly [string, Partial<CertificateSpec>, object, string])[] = [
  [
    'expired',
    { notAfter: '2026-05-01T00:00:00Z' },
    { issuedAt: day('2026-04-01T00:00:00Z') },
    'x509.not-after',
  ],
  ['expired, and no word of when it was issued', { notAfter: '2026-05-01T00:00:00Z' }, {}, 'x509.not-after'],
  [
    'expired before issue',
    { notAfter: '2026-05-01T00:00:00Z' },
    { issuedAt: day('2026-05-02T00:00:00Z') },
    'x509.valid-at-issue',
  ],
  [
    'valid again after issue',
    { notBefore: '2026-05-01T00:00:00Z' },
    { issuedAt: day('2026-04-01T00:00:00Z') },
    'x509.valid-at-issue',
  ],
  ['valid only later', { notBefore: '2026-07-01T00:00:00Z' }, {}, 'x509.not-before'],
  ['for another use', { keyUsage: usage.keyEncipherment }, {}, 'x509.key-usage'],
];

for (const [what, spec, meta, check] of WRONG) {
  test(`a signer certificate that is ${what} fails with ${check}`, async (t) => {
    const { text } = await chained(t, spec, meta);
    await assert.rejects(
      decode(text, { trust: country, at: AT }),
      failsWith('VERIFICATION_FAILED', { check }),
    );
  });
}

test('a forged credential is a forgery, whatever is out of its time', async (t) => {
  const forged = failsWith('VERIFICATION_FAILED', { check: 'signature' });
  const young = authority({ subject: 'Ministry', issuer: root, notBefore: '2026-05-15T00:00:00Z' });
  const ended = authority({ subject: 'Ministry', issuer: root, notAfter: '2026-05-01T00:00:00Z' });
  for (const [spec, meta] of [
    // There is no moment at which both certificates are valid.
    [{ issuer: young, notAfter: '2026-05-01T00:00:00Z' }, {}],
    [{ issuer: ended }, {}],
    [{ notAfter: '2026-05-01T00:00:00Z' }, {}],
    [{ notAfter: '2026-05-01T00:00:00Z' }, { issuedAt: day('2026-05-02T00:00:00Z') }],
    [{}, { expiresAt: NOW - 1 }],
  ] as const) {
    const { text } = await chained(t, spec, meta);
    const cose = await contentOf(text);
    cose[cose.length - 1] = (cose.at(-1) ?? 0) ^ 1;
    await assert.rejects(decode(textOf(cose), { trust: country, at: AT, time: 'report' }), forged);
  }
  const { signer } = await certified(t);
  const { text } = await encode({ id: '1' }, META, { signer });
  const cose = await contentOf(text);
  cose[cose.length - 1] = (cose.at(-1) ?? 0) ^ 1;
  const expired = await createTrust({ ...signer.publicKey.toJwk(), kid: signer.publicKey.id, exp: NOW - 1 });
  await assert.rejects(decode(textOf(cose), { trust: expired, at: AT }), forged);
  const late = failsWith('VERIFICATION_FAILED', { check: 'key.not-after' });
  await assert.rejects(decode(text, { trust: expired, at: AT }), late);
});

test('a certificate that was pinned is judged as one that came along', async (t) => {
  const { signer, keys } = await certified(t);
  const leaf = certificateOf({ subject: 'Signer', issuer: root, keys, notAfter: '2026-06-30T00:00:00Z' });
  const trust = await createTrust(leaf.der);
  const late = new Date('2026-07-02T00:00:00Z');
  const meta = { issuer: 'https://issuer.example' };
  for (const [issuedAt, at, check] of [
    [NOW, late, 'key.not-after'],
    [day('2026-07-01T00:00:00Z'), late, 'x509.valid-at-issue'],
  ] as const) {
    const { text } = await encode({ id: '1' }, { ...meta, issuedAt }, { signer });
    await assert.rejects(decode(text, { trust, at }), failsWith('VERIFICATION_FAILED', { check }));
  }
});

/** The forms that a signer's key is known by. */
async function forms(signer: Signer, leaf: Uint8Array): Promise<Readonly<Record<string, Trust>>> {
  const { publicKey } = signer;
  const jwk = publicKey.toJwk();
  const raw = publicKey.toRaw();
  const point = concat(Uint8Array.of(0x80, 0x24, 2 + ((raw.at(-1) ?? 0) & 1)), raw.subarray(1, 33));
  return {
    PEM: await createTrust(publicKey.toPem()),
    'a JWK Set with kid': await createTrust({ keys: [{ ...jwk, kid: 'k1' }] }),
    'a COSE_KeySet': await createTrust(encodeCoseKeySet([{ publicKey, keyId: 'k1' }])),
    'a certificate': await createTrust(leaf),
    'did:key': await createTrust(`did:key:z${encodeBase58(point)}`),
    'did:jwk': await createTrust(`did:jwk:${encodeBase64url(utf8(JSON.stringify(jwk)))}`),
  };
}

test('a key is found in every form of trust, by kid, by x5t and without a name', async (t) => {
  const { signer, keys } = await certified(t);
  const leaf = certificateOf({ subject: 'Signer', issuer: root, keys }).der;
  const { algorithm, hash } = await certificateHash(leaf);
  const payload = encodeCwt(META, new Map([[169, new Map([[1, 'A']])]]));
  for (const [form, trust] of Object.entries(await forms(signer, leaf))) {
    for (const options of [
      {},
      { keyId: null },
      ...(form === 'PEM' || form.startsWith('did') || form === 'a certificate' ? [] : [{ keyId: 'k1' }]),
      { keyId: null, protectedHeaders: new Map<CborValue, CborValue>([[34, [algorithm, hash]]]) },
    ]) {
      const text = textOf(await signSign1(payload, { signer, ...options }));
      assert.equal((await decode(text, { trust, at: AT })).isVerified(), true, form);
    }
  }
  const wrong = new Map<CborValue, CborValue>([[34, [algorithm, new Uint8Array(32)]]]);
  const text = textOf(await signSign1(payload, { signer, keyId: null, protectedHeaders: wrong }));
  const trust = await createTrust(leaf);
  await assert.rejects(
    decode(text, { trust, at: AT }),
    failsWith('VERIFICATION_FAILED', { check: 'key.known' }),
  );
});

test('a kid that is the DID of the key, with its fragment or without, names the key of that DID only', async (t) => {
  const { signer } = await certified(t);
  const other = await certified(t);
  const didOf = (one: Signer): string =>
    `did:jwk:${encodeBase64url(utf8(JSON.stringify(one.publicKey.toJwk())))}`;
  const did = didOf(signer);
  const trust = await createTrust([did, didOf(other.signer)]);
  for (const keyId of [did, `${did}#0`]) {
    const { text } = await encode({ id: '1' }, META, { signer, keyId });
    const { verification } = await decode(text, { trust, at: AT });
    assert.equal(verification.keyId, keyId);
    const stolen = await encode({ id: '1' }, META, { signer: other.signer, keyId });
    const refused = failsWith('VERIFICATION_FAILED', { check: 'signature' });
    await assert.rejects(decode(stolen.text, { trust, at: AT }), refused);
  }
});

test('a DID in the document is no anchor of trust: not as issuer, and not as kid', async (t) => {
  const { signer } = await certified(t);
  const { trust } = await issuerFor(t, 'ES256');
  const did = `did:jwk:${encodeBase64url(utf8(JSON.stringify(signer.publicKey.toJwk())))}`;
  const { text } = await encode({ id: '1' }, { ...META, issuer: did }, { signer, keyId: `${did}#0` });
  const refused = failsWith('VERIFICATION_FAILED', { check: 'key.known' });
  await assert.rejects(decode(text, { trust, at: AT }), failsWith('VERIFICATION_FAILED'));
  await assert.rejects(decode(text, { trust: await createTrust([]), at: AT }), refused);
  const pinned = { issuers: { [did]: await createTrust(did) }, at: AT };
  assert.equal((await decode(text, pinned)).isVerified(), true);
});

test('keys count for their issuer: by issuer and kid', async (t) => {
  const [a, b] = [await issuerFor(t), await issuerFor(t)];
  const [A, B] = ['https://a.example', 'https://b.example'];
  const options: DecodeOptions = { issuers: { [A]: a.trust, [B]: b.trust }, at: AT };
  const text = async (issuer: string, { signer }: typeof a, keyId?: string) =>
    (await encode({ id: '1' }, { ...META, issuer }, { signer, ...(keyId && { keyId }) })).text;
  const { verification } = await decode(await text(A, a), options);
  assert.deepEqual(verification.checks[0], { name: 'issuer.known', passed: true });
  assert.equal((await decode(await text(B, b), options)).isVerified(), true);
  const known = failsWith('VERIFICATION_FAILED', { check: 'key.known' });
  // The key of one issuer is nobody's of the other, under whichever name.
  await assert.rejects(decode(await text(A, b), options), failsWith('VERIFICATION_FAILED'));
  await assert.rejects(
    decode(await text(B, a, b.signer.publicKey.id), options),
    failsWith('VERIFICATION_FAILED'),
  );
  const unknown = failsWith('VERIFICATION_FAILED', { check: 'issuer.known' });
  await assert.rejects(decode(await text('https://c.example', a), options), unknown);
  await assert.rejects(
    decode(await text('https://c.example', a), { ...options, trust: await createTrust([]) }),
    known,
  );
  assert.equal(
    (await decode(await text('https://c.example', a), { ...options, trust: a.trust })).isVerified(),
    true,
  );
  // A name that every object has is no issuer.
  await assert.rejects(decode(await text('toString:x', a), { ...options, issuers: {} }), unknown);
});

test('x5u is told and not fetched, unless the caller does', async (t) => {
  const { signer, keys } = await certified(t);
  const leaf = certificateOf({ subject: 'Signer', issuer: root, keys });
  const uri = 'https://issuer.example/chain';
  const headers = new Map<CborValue, CborValue>([[35, new CborTag(32, uri)]]);
  const payload = encodeCwt(META, new Map([[169, new Map([[1, 'A']])]]));
  const text = textOf(await signSign1(payload, { signer, protectedHeaders: headers }));
  const refused = failsWith('VERIFICATION_FAILED');
  await assert.rejects(decode(text, { trust: country, at: AT }), refused);
  assert.equal((await inspect(text)).x509?.x5u, uri);
  const asked: string[] = [];
  const resolveX5u = async (one: string) => {
    asked.push(one);
    return [leaf.der];
  };
  const { isVerified, x509 } = await decode(text, { trust: country, at: AT, resolveX5u });
  assert.deepEqual([isVerified(), x509?.x5u, asked], [true, uri, [uri]]);
});
