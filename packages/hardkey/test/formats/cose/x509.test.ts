// Certificates beside signatures (RFC 9360): written, read, and never trusted by being there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTrust, Failure, isFailure } from 'hardkey';
import {
  checkIssueTime,
  decodeSign,
  decodeSign1,
  openSign,
  openSign1,
  signerCertificates,
  signSign,
  signSign1,
  x509Parameters,
} from 'hardkey/formats/cose';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { certificateHash } from '../../../src/core/x509/x5t.ts';
import { CborTag, type CborValue } from '../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import {
  authority,
  certificate,
  signer as certificateOf,
  keyPair,
  pemOf,
  usage,
} from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';
import { PAYLOAD, signerOf } from './support.ts';

const found = vectors('cose/x509-examples');
const skip = found.missing ?? false;
const AT = new Date('2026-06-01T00:00:00Z');
const NOW = AT.getTime() / 1000;

/** A root, an authority under it, and a signer under that. */
async function country() {
  const root = authority({ subject: 'root' });
  const issuing = authority({ subject: 'issuing', issuer: root });
  const leaf = certificateOf({ subject: 'signer', issuer: issuing });
  return { root, issuing, leaf, signer: await signerOf(leaf), trust: await createTrust(root.der) };
}

function example(name: string): Uint8Array {
  const text = readFileSync(join(found.path, `${name}.json`), 'utf8');
  return decodeHex((JSON.parse(text) as { readonly output: { readonly cbor: string } }).output.cbor);
}

function der(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(join(found.path, `${name}.der`)));
}

for (const name of ['signed-03', 'signed-04']) {
  test(`${name}: its x5chain leads to the pinned root, and to no other`, { skip }, async () => {
    const { signatures } = await openSign(example(name), { trust: await createTrust(der('ca')), at: AT });
    const names = signatures[0]?.checks.map((check) => check.name) ?? [];
    for (const check of ['x509.root', 'x509.not-after', 'x509.key-usage', 'signature']) {
      assert.ok(names.includes(check), check);
    }
    const stranger = await createTrust(authority({ subject: 'Sample COSE Certificate Authority' }).der);
    const refused = failsWith('VERIFICATION_FAILED');
    await assert.rejects(openSign(example(name), { trust: stranger, at: AT }), refused);
    // The chain of signed-04 brings its root along, and that makes nobody trust it.
    await assert.rejects(openSign(example(name), { trust: await createTrust([]), at: AT }), refused);
  });
}

test('signed-05: its x5t names the certificate among those that are trusted', { skip }, async () => {
  const other = certificateOf({ subject: 'other', issuer: authority({ subject: 'x' }) });
  const trust = await createTrust([other.der, der('alice')]);
  const { signatures } = await openSign(example('signed-05'), { trust, at: AT });
  assert.deepEqual(signatures[0]?.key.certificate, der('alice'));
  const { signatures: read } = decodeSign(example('signed-05'));
  assert.ok(read[0]);
  assert.deepEqual(x509Parameters(read[0].headers).x5t, await certificateHash(der('alice')));
});

test('a chain is written as RFC 9360 has it, protected: one certificate by itself, two in a list', async () => {
  const { root, issuing, leaf, signer } = await country();
  const one = await signerCertificates(signer, { x5chain: [leaf.der] });
  assert.deepEqual(one.parameters.get(33), leaf.der);
  const pem = [leaf, issuing, root].map(pemOf).join('');
  const three = await signerCertificates(signer, {
    x5chain: pem,
    x5t: true,
    x5bag: pemOf(root),
    x5u: 'https://pki.example/c',
  });
  const { headers } = decodeSign1(await signSign1(PAYLOAD, { signer, certificates: three }));
  assert.deepEqual(
    [headers.unprotected.size, three.notAfter],
    [0, Date.parse('2034-01-01T00:00:00Z') / 1000],
  );
  assert.deepEqual(headers.protected.get(35), new CborTag(32, 'https://pki.example/c'));
  assert.deepEqual(x509Parameters(headers), {
    x5chain: [leaf.der, issuing.der, root.der],
    x5t: await certificateHash(leaf.der),
    x5bag: [root.der],
    x5u: 'https://pki.example/c',
  });
});

test('certificates that were written lead a verifier to the root, in both kinds of signature', async () => {
  const { issuing, leaf, signer, trust } = await country();
  const certificates = await signerCertificates(signer, { x5chain: [leaf.der, issuing.der], x5t: true });
  const bytes = await signSign1(PAYLOAD, { signer, certificates, keyId: null });
  const { payload, key } = await openSign1(bytes, { trust, at: AT });
  assert.deepEqual([payload, key.certificate], [PAYLOAD, leaf.der]);
  const many = await signSign(PAYLOAD, [{ signer, certificates, keyId: null }]);
  assert.deepEqual((await openSign(many, { trust, at: AT })).payload, PAYLOAD);
});

test('a chain of another key than the signer’s is SIGNER_MISMATCH, with both fingerprints', async () => {
  const { root, leaf, signer } = await country();
  const other = certificateOf({ subject: 'other', issuer: root });
  const strange = await signerOf(other);
  const refused = failsWith('SIGNER_MISMATCH', {
    field: 'x5chain.0',
    expected: signer.publicKey.fingerprint,
    actual: strange.publicKey.fingerprint,
  });
  await assert.rejects(signerCertificates(strange, { x5chain: [leaf.der] }), refused);
  await assert.rejects(signerCertificates(strange, { x5t: leaf.der }), refused);
  await assert.rejects(signerCertificates(strange, { x5chain: [other.der], x5t: leaf.der }), refused);
  // What was made for one signer is not signed by another.
  const certificates = await signerCertificates(signer, { x5chain: [leaf.der] });
  const wrong = failsWith('SIGNER_MISMATCH', { field: 'certificates' });
  await assert.rejects(signSign1(PAYLOAD, { signer: strange, certificates }), wrong);
  await assert.rejects(signSign(PAYLOAD, [{ signer: strange, certificates }]), wrong);
});

test('a chain that is no chain, or not for signatures, is ARGUMENT_INVALID where it breaks', async () => {
  const { root, issuing, leaf, signer } = await country();
  const refused = (field: string) => failsWith('ARGUMENT_INVALID', { field });
  await assert.rejects(signerCertificates(signer, { x5chain: [leaf.der, root.der] }), refused('x5chain.0'));
  const three = [leaf.der, issuing.der, issuing.der];
  await assert.rejects(signerCertificates(signer, { x5chain: three }), refused('x5chain.1'));
  const namesake = authority({ subject: 'issuing' });
  await assert.rejects(
    signerCertificates(signer, { x5chain: [leaf.der, namesake.der] }),
    refused('x5chain.0'),
  );
  const tls = certificate({ subject: 'tls', issuer: issuing, keys: leaf, keyUsage: usage.keyEncipherment });
  await assert.rejects(signerCertificates(signer, { x5chain: [tls.der] }), refused('x5chain.0'));
  await assert.rejects(signerCertificates(signer, { x5chain: [] }), refused('x5chain'));
  await assert.rejects(signerCertificates(signer, {}), refused('certificates'));
  await assert.rejects(signerCertificates(signer, { x5t: true }), refused('x5t'));
  await assert.rejects(signerCertificates(signer, { x5u: 'certificates' }), refused('x5u'));
  const key = `${pemOf(leaf)}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`;
  await assert.rejects(signerCertificates(signer, { x5chain: key }), refused('x5chain.1'));
  const broken = failsWith('MALFORMED', { field: 'x5chain.1' });
  await assert.rejects(signerCertificates(signer, { x5chain: [leaf.der, Uint8Array.of(1)] }), broken);
});

test('x5t must be the hash of the signer’s certificate, whatever hash it is', async () => {
  const { issuing, leaf, signer, trust } = await country();
  const open = (x5t: CborValue) =>
    signSign1(PAYLOAD, {
      signer,
      keyId: null,
      protectedHeaders: new Map<CborValue, CborValue>([
        [33, [leaf.der, issuing.der]],
        [34, x5t],
      ]),
    }).then((bytes) => openSign1(bytes, { trust, at: AT }));
  for (const id of [-16, -43, -44]) {
    const { algorithm, hash } = await certificateHash(leaf.der, id);
    assert.deepEqual((await open([algorithm, hash])).payload, PAYLOAD);
    const wrong = failsWith('VERIFICATION_FAILED', { check: 'x509.x5t' });
    await assert.rejects(open([algorithm, hash.with(0, (hash[0] ?? 0) ^ 1)]), wrong);
  }
  const { hash } = await certificateHash(leaf.der);
  await assert.rejects(open([-15, hash]), failsWith('UNSUPPORTED', { field: 'x5t' }));
  for (const value of [hash, [-16], ['sha-256', hash], [-16, hash, 0], [-16, 'text']] as const) {
    await assert.rejects(open(value), failsWith('MALFORMED', { field: 'cose' }));
  }
});

test('a bag fills gaps in a chain, and says nothing about who signed', async () => {
  const { root, issuing, leaf, signer, trust } = await country();
  const headers = (...entries: readonly (readonly [CborValue, CborValue])[]) =>
    signSign1(PAYLOAD, { signer, keyId: null, protectedHeaders: new Map<CborValue, CborValue>(entries) });
  const gap = await headers([33, leaf.der]);
  await assert.rejects(
    openSign1(gap, { trust, at: AT }),
    failsWith('VERIFICATION_FAILED', { check: 'x509.root' }),
  );
  const filled = await headers([33, leaf.der], [32, [root.der, issuing.der]]);
  assert.deepEqual((await openSign1(filled, { trust, at: AT })).key.certificate, leaf.der);
  const unnamed = await headers([32, [leaf.der, issuing.der]]);
  const unknown = failsWith('VERIFICATION_FAILED', { check: 'key.known' });
  await assert.rejects(openSign1(unnamed, { trust, at: AT }), unknown);
  // The root of a bag is no root.
  const other = await createTrust(authority({ subject: 'other' }).der);
  await assert.rejects(openSign1(filled, { trust: other, at: AT }), failsWith('VERIFICATION_FAILED'));
  for (const bag of [[], 'text', [leaf.der, 1]] as const) {
    const broken = failsWith('MALFORMED', { field: 'cose' });
    await assert.rejects(openSign1(await headers([32, bag]), { trust, at: AT }), broken);
  }
});

test('x5u is told and never fetched, unless the caller passes a resolver', async () => {
  const { issuing, leaf, signer, trust } = await country();
  const certificates = await signerCertificates(signer, { x5u: 'https://pki.example/signer' });
  const bytes = await signSign1(PAYLOAD, { signer, certificates, keyId: null });
  assert.deepEqual(x509Parameters(decodeSign1(bytes).headers), { x5u: 'https://pki.example/signer' });
  await assert.rejects(
    openSign1(bytes, { trust, at: AT }),
    failsWith('VERIFICATION_FAILED', { check: 'key.known' }),
  );
  const asked: string[] = [];
  const resolveX5u = async (uri: string) => {
    asked.push(uri);
    return [leaf.der, issuing.der];
  };
  assert.deepEqual((await openSign1(bytes, { trust, at: AT, resolveX5u })).key.certificate, leaf.der);
  assert.deepEqual(asked, ['https://pki.example/signer']);
  // What was fetched is trusted no more than what comes along.
  const stranger = await createTrust(authority({ subject: 'root' }).der);
  await assert.rejects(
    openSign1(bytes, { trust: stranger, at: AT, resolveX5u }),
    failsWith('VERIFICATION_FAILED'),
  );
  const down = () => Promise.reject(new Failure('UNAVAILABLE', 'no answer'));
  await assert.rejects(openSign1(bytes, { trust, at: AT, resolveX5u: down }), failsWith('UNAVAILABLE'));
  const cause = new TypeError('fetch failed');
  for (const broken of [() => Promise.reject(cause), () => assert.fail(cause)]) {
    await assert.rejects(openSign1(bytes, { trust, at: AT, resolveX5u: broken }), (error) => {
      assert.ok(isFailure(error, 'UNAVAILABLE'));
      assert.deepEqual([error.details.field, error.cause], ['resolveX5u', cause]);
      return true;
    });
  }
  const wrong = failsWith('ARGUMENT_INVALID', { field: 'resolveX5u' });
  for (const answer of [[], [1], undefined] as unknown as (readonly Uint8Array[])[]) {
    await assert.rejects(openSign1(bytes, { trust, at: AT, resolveX5u: async () => answer }), wrong);
  }
});

test('nothing is fetched where a chain came along, or where no root could be reached', async () => {
  const { issuing, leaf, signer, trust } = await country();
  const never = () => Promise.reject(new Error('fetched'));
  const both = await signerCertificates(signer, {
    x5chain: [leaf.der, issuing.der],
    x5u: 'https://pki.example/a',
  });
  const bytes = await signSign1(PAYLOAD, { signer, certificates: both });
  assert.deepEqual((await openSign1(bytes, { trust, at: AT, resolveX5u: never })).payload, PAYLOAD);
  const plain = await createTrust(signer.publicKey);
  const alone = await signerCertificates(signer, { x5u: 'https://pki.example/a' });
  const other = await signSign1(PAYLOAD, { signer, certificates: alone });
  assert.deepEqual((await openSign1(other, { trust: plain, at: AT, resolveX5u: never })).payload, PAYLOAD);
});

test('x5u is read with its tag and without, and as nothing else', async () => {
  const { signer } = await country();
  const read = async (value: CborValue) => {
    const bytes = await signSign1(PAYLOAD, { signer, protectedHeaders: new Map([[35, value]]) });
    return x509Parameters(decodeSign1(bytes).headers).x5u;
  };
  assert.equal(await read('https://a.example'), 'https://a.example');
  assert.equal(await read(new CborTag(32, 'https://a.example')), 'https://a.example');
  for (const value of [new CborTag(33, 'https://a.example'), 7, new CborTag(32, 7), new Uint8Array()]) {
    await assert.rejects(read(value), failsWith('MALFORMED', { field: 'cose' }));
  }
});

/** When the signer's certificate is valid, when it says it signed, and what becomes of it. */
const ISSUE = [
  ['a time within', '2025-01-01', '2027-01-01', NOW - 1000, undefined],
  ['the first second', '2026-05-01', '2027-01-01', Date.parse('2026-05-01T00:00:00Z') / 1000, undefined],
  ['a time before its certificate', '2026-05-01', '2027-01-01', NOW - 90 * 86_400, 'x509.valid-at-issue'],
  ['a certificate that had expired before', '2024-01-01', '2026-01-01', NOW - 86_400, 'x509.valid-at-issue'],
  ['a certificate that expired since', '2024-01-01', '2026-05-01', NOW - 90 * 86_400, 'x509.not-after'],
  ['a certificate that begins later', '2027-01-01', '2028-01-01', NOW, 'x509.valid-at-issue'],
  ['no time', '2025-01-01', '2027-01-01', undefined, undefined],
] as const;

for (const [what, from, to, issued, check] of ISSUE) {
  test(`${what} of issue ${check === undefined ? 'passes' : `fails as ${check}`}, by chain and by pinned certificate`, async () => {
    const root = authority({ subject: 'root' });
    const period = { notBefore: `${from}T00:00:00Z`, notAfter: `${to}T00:00:00Z` };
    const leaf = certificateOf({ subject: 'signer', issuer: root, ...period });
    const signer = await signerOf(leaf);
    const certificates = await signerCertificates(signer, { x5chain: [leaf.der] });
    const chained = await signSign1(PAYLOAD, { signer, certificates, keyId: null });
    const issuedAt = (payload: Uint8Array) => {
      assert.deepEqual(payload, PAYLOAD);
      return issued;
    };
    const opening = openSign1(chained, { trust: await createTrust(root.der), at: AT, issuedAt });
    const pinned = await createTrust(leaf.der);
    const plain = await signSign1(PAYLOAD, { signer });
    const other = openSign1(plain, { trust: pinned, at: AT, issuedAt });
    if (check === undefined) {
      const names = (await opening).checks.map(({ name }) => name);
      assert.equal(names.includes('x509.valid-at-issue'), issued !== undefined);
      assert.deepEqual((await other).payload, PAYLOAD);
      return;
    }
    await assert.rejects(opening, failsWith('VERIFICATION_FAILED', { check }));
    const same = check === 'x509.not-after' ? 'key.not-after' : check;
    await assert.rejects(other, failsWith('VERIFICATION_FAILED', { check: same }));
  });
}

test('a time of issue is asked for only where a certificate says who signed', async () => {
  const { leaf, signer } = await country();
  const bytes = await signSign1(PAYLOAD, { signer });
  const never = () => assert.fail('asked');
  const trust = await createTrust(signer.publicKey);
  assert.deepEqual((await openSign1(bytes, { trust, at: AT, issuedAt: never })).payload, PAYLOAD);
  // A payload that has no time to tell does not hide why the signature is refused.
  const late = new Date('2040-01-01T00:00:00Z');
  const broken = () => {
    throw new Failure('MALFORMED', 'no claims', { field: 'cwt' });
  };
  const pinned = await createTrust(leaf.der);
  const expired = failsWith('VERIFICATION_FAILED', { check: 'key.not-after' });
  await assert.rejects(openSign1(bytes, { trust: pinned, at: late, issuedAt: broken }), expired);
});

test('a time that the caller vouches for is when certificates must be valid', async () => {
  const root = authority({ subject: 'root' });
  const period = { notBefore: '2024-01-01T00:00:00Z', notAfter: '2026-01-01T00:00:00Z' };
  const leaf = certificateOf({ subject: 'signer', issuer: root, ...period });
  const signer = await signerOf(leaf);
  const certificates = await signerCertificates(signer, { x5chain: [leaf.der] });
  const bytes = await signSign1(PAYLOAD, { signer, certificates });
  const trust = await createTrust(root.der);
  await assert.rejects(
    openSign1(bytes, { trust, at: AT }),
    failsWith('VERIFICATION_FAILED', { check: 'x509.not-after' }),
  );
  const signedAt = new Date('2025-06-01T00:00:00Z');
  assert.deepEqual((await openSign1(bytes, { trust, at: AT, signedAt })).payload, PAYLOAD);
});

test('an issuer can ask whether a time of issue is within its certificate', async () => {
  const { leaf, signer } = await country();
  const certificates = await signerCertificates(signer, { x5chain: [leaf.der] });
  checkIssueTime(certificates, NOW);
  checkIssueTime(certificates, undefined);
  const refused = failsWith('ARGUMENT_INVALID', { field: 'issuedAt' });
  for (const time of [0, 4_000_000_000]) assert.throws(() => checkIssueTime(certificates, time), refused);
});

test('a kid and a chain of two keys do not add up to a signature', async () => {
  const { issuing, leaf, trust } = await country();
  const forger = await signerOf(keyPair());
  const protectedHeaders = new Map<CborValue, CborValue>([[33, [leaf.der, issuing.der]]]);
  const bytes = await signSign1(PAYLOAD, { signer: forger, protectedHeaders });
  await assert.rejects(
    openSign1(bytes, { trust, at: AT }),
    failsWith('VERIFICATION_FAILED', { check: 'signature' }),
  );
});
