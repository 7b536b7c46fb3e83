// Tokens as a whole: whatever is around the claims, and what a verifier expects of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, type Signer, type Trust } from 'hardkey';
import {
  encryptEncrypt0,
  encryptTo,
  macMac0,
  macTo,
  openEncrypted,
  signerCertificates,
  signSign,
  signSign1,
} from 'hardkey/formats/cose';
import {
  type CwtClaims,
  encodeCwt,
  type OpenCwtOptions,
  openCwt,
  type SignCwtOptions,
  signCwt,
  tagCwt,
} from 'hardkey/formats/cwt';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { CborFloat, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { encodeHex } from '../../../src/encoding/hex.ts';
import { authority, signer as certificateOf } from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { issuerFor } from '../claim169/support.ts';
import { ask, freshJwk, skip } from '../cose/cwt-peer.ts';
import { importedKey, signerOf } from '../cose/support.ts';

const AT = new Date('2026-06-01T00:00:00Z');
const NOW = AT.getTime() / 1000;
const CLAIMS: CwtClaims = {
  issuer: 'https://issuer.example',
  subject: 'ada',
  expiresAt: NOW + 60,
  notBefore: NOW - 60,
  issuedAt: NOW - 60,
  cwtId: Uint8Array.of(11, 113),
};
const refused = (check: string) => failsWith('VERIFICATION_FAILED', { check });
const invalid = (field: string) => failsWith('ARGUMENT_INVALID', { field });

/** Opens a fresh token of these claims as these options say. */
async function opening(
  { signer, trust }: { readonly signer: Signer; readonly trust: Trust },
  claims: CwtClaims,
  options: Partial<OpenCwtOptions> = {},
  written: Partial<SignCwtOptions> = {},
) {
  const token = await signCwt(claims, { signer, ...written });
  return openCwt(token, { trust, at: AT, ...options });
}

test('a signed token gives its claims, who signed, and every check', async (t) => {
  const issuer = await issuerFor(t, 'ES256');
  const opened = await opening(issuer, CLAIMS, {}, { cwtTag: true });
  assert.deepEqual([opened.claims, opened.status, opened.isVerified()], [CLAIMS, 'valid', true]);
  assert.equal(opened.signatures[0]?.key.publicKey.id, issuer.signer.publicKey.id);
  const names = opened.checks.map(({ name }) => name);
  for (const name of ['signature', 'key.known', 'cwt.expires-at', 'cwt.not-before']) {
    assert.ok(names.includes(name), name);
  }
  assert.ok(opened.checks.every(({ passed }) => passed));
});

test('tag 61 is there or not, as the rule says, and stands before the tag of COSE', async (t) => {
  const issuer = await issuerFor(t);
  const wrong = failsWith('MALFORMED', { field: 'cwt', offset: 0 });
  for (const cwtTag of [true, false]) {
    const rule = cwtTag ? 'required' : 'forbidden';
    assert.equal((await opening(issuer, CLAIMS, { cwtTag: rule }, { cwtTag })).status, 'valid');
    assert.equal((await opening(issuer, CLAIMS, {}, { cwtTag })).status, 'valid');
    await assert.rejects(opening(issuer, CLAIMS, { cwtTag: rule }, { cwtTag: !cwtTag }), wrong);
  }
  const { signer, trust } = issuer;
  const bare = await signCwt(CLAIMS, { signer, tagged: false });
  assert.equal((await openCwt(bare, { trust, at: AT })).status, 'valid');
  const half = concat(Uint8Array.of(0xd8, 61), bare);
  await assert.rejects(openCwt(half, { trust, at: AT }), failsWith('MALFORMED', { field: 'cwt' }));
  await assert.rejects(signCwt(CLAIMS, { signer, tagged: false, cwtTag: true }), invalid('tagged'));
  const twice = tagCwt(tagCwt(await signCwt(CLAIMS, { signer })));
  await assert.rejects(openCwt(twice, { trust, at: AT }), failsWith('MALFORMED', { field: 'cose' }));
});

test('a token may have several signers, or a code', async (t) => {
  const [one, two] = [await freshKey(t, 'ES256'), await freshKey(t, 'Ed25519')];
  const payload = encodeCwt(CLAIMS);
  const many = await signSign(payload, [{ signer: one }, { signer: two }]);
  const trust = await createTrust([one.publicKey, two.publicKey]);
  assert.equal((await openCwt(many, { trust, at: AT })).signatures.length, 2);
  const single = await createTrust(one.publicKey);
  await assert.rejects(openCwt(many, { trust: single, at: AT }), failsWith('VERIFICATION_FAILED'));
  assert.equal((await openCwt(many, { trust: single, at: AT, minimumSigners: 1 })).signatures.length, 1);
  const mac = await freshKey(t, 'HS256');
  const coded = await macMac0(payload, mac);
  const opened = await openCwt(coded, { mac, at: AT });
  assert.deepEqual([opened.claims, opened.signatures], [CLAIMS, []]);
  await assert.rejects(openCwt(coded, { mac: await freshKey(t, 'HS256'), at: AT }), refused('mac'));
  await assert.rejects(openCwt(coded, { trust, at: AT }), invalid('mac'));
  await assert.rejects(openCwt(many, { mac, at: AT }), invalid('trust'));
  const recipients = await macTo(payload, [mac]);
  await assert.rejects(openCwt(recipients, { mac, at: AT }), failsWith('UNSUPPORTED', { field: 'cose' }));
});

test('an encrypted token is opened once, and must be signed inside', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const [aead, reader] = [await freshKey(t, 'A256GCM'), await freshKey(t, 'A128KW')];
  const token = await signCwt(CLAIMS, { signer, cwtTag: true });
  for (const [bytes, key] of [
    [await encryptEncrypt0(token, aead), aead],
    [tagCwt(await encryptEncrypt0(token, aead)), aead],
    [await encryptTo(token, [reader]), reader],
  ] as const) {
    const decrypt = (cose: Uint8Array) => openEncrypted(cose, key);
    assert.deepEqual((await openCwt(bytes, { trust, at: AT, decrypt })).claims, CLAIMS);
    await assert.rejects(openCwt(bytes, { trust, at: AT }), invalid('decrypt'));
  }
  const decrypt = (cose: Uint8Array) => openEncrypted(cose, aead);
  const unsigned = await encryptEncrypt0(encodeCwt(CLAIMS), aead);
  await assert.rejects(openCwt(unsigned, { trust, at: AT, decrypt }), refused('signature'));
  const twice = await encryptEncrypt0(await encryptEncrypt0(token, aead), aead);
  await assert.rejects(openCwt(twice, { trust, at: AT, decrypt }), failsWith('MALFORMED', { field: 'cose' }));
});

test('a token out of its time is EXPIRED or NOT_YET_VALID, or told so where that was asked for', async (t) => {
  const issuer = await issuerFor(t);
  const old = { ...CLAIMS, expiresAt: NOW };
  const young = { ...CLAIMS, notBefore: NOW + 1 };
  const named = { keyId: issuer.signer.publicKey.id, algorithm: 'Ed25519' };
  const expired = failsWith('EXPIRED', { ...named, field: 'cwt.exp', check: 'cwt.expires-at' });
  await assert.rejects(opening(issuer, old), expired);
  const early = failsWith('NOT_YET_VALID', { ...named, field: 'cwt.nbf', check: 'cwt.not-before' });
  await assert.rejects(opening(issuer, young), early);
  const reported = await opening(issuer, old, { time: 'report' });
  assert.deepEqual([reported.status, reported.isVerified(), reported.claims], ['expired', false, old]);
  assert.deepEqual(reported.checks.at(-1), { name: 'cwt.expires-at', passed: false });
  assert.equal((await opening(issuer, young, { time: 'report' })).status, 'not-yet-valid');
  assert.equal((await opening(issuer, old, { skewSeconds: 1 })).status, 'valid');
  assert.equal((await opening(issuer, young, { skewSeconds: 1 })).status, 'valid');
  // Forged and expired is forged.
  const other = await issuerFor(t);
  await assert.rejects(opening({ ...issuer, trust: other.trust }, old), failsWith('VERIFICATION_FAILED'));
});

test('times may be floating-point numbers, to the fraction', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const payload = encodeCbor(
    new Map<CborValue, CborValue>([
      [4, new CborFloat(NOW + 0.5)],
      [5, new CborFloat(NOW)],
    ]),
  );
  const token = await signSign1(payload, { signer });
  assert.equal((await openCwt(token, { trust, at: AT })).claims.expiresAt, NOW + 0.5);
  const later = new Date((NOW + 0.5) * 1000);
  await assert.rejects(openCwt(token, { trust, at: later }), failsWith('EXPIRED'));
});

/** Claims, what the verifier expects, and the check that does not pass. */
const EXPECTATIONS: readonly (readonly [CwtClaims, Partial<OpenCwtOptions>, string | undefined])[] = [
  [{ audience: 'a' }, { audience: 'a' }, undefined],
  [{ audience: 'a' }, { audience: ['b', 'a'] }, undefined],
  [{ audience: 'a' }, { audience: 'b' }, 'cwt.audience'],
  [{ audience: 'a' }, { audience: 'A' }, 'cwt.audience'],
  [{ audience: 'a' }, {}, 'cwt.audience'],
  [{ audience: 'a' }, { audience: null }, undefined],
  [{}, { audience: 'a' }, 'cwt.audience'],
  [{}, {}, undefined],
  [{ issuer: 'i' }, { issuer: 'i' }, undefined],
  [{ issuer: 'i' }, { issuer: ['j'] }, 'cwt.issuer'],
  [{}, { issuer: 'i' }, 'cwt.issuer'],
  [{ subject: 's' }, { subject: 's' }, undefined],
  [{ subject: 's' }, { subject: 't' }, 'cwt.subject'],
  [{ expiresAt: NOW + 1 }, { required: ['expiresAt'] }, undefined],
  [{}, { required: ['expiresAt'] }, 'cwt.required'],
  [{}, { required: [65_535] }, 'cwt.required'],
  [{ issuedAt: NOW - 10 }, { maxAgeSeconds: 10 }, undefined],
  [{ issuedAt: NOW - 11 }, { maxAgeSeconds: 10 }, 'cwt.max-age'],
  [{ issuedAt: NOW - 11 }, { maxAgeSeconds: 10, skewSeconds: 1 }, undefined],
  [{ issuedAt: NOW + 1 }, { maxAgeSeconds: 10 }, 'cwt.max-age'],
  [{ issuedAt: NOW + 1 }, { maxAgeSeconds: 10, skewSeconds: 1 }, undefined],
  [{}, { maxAgeSeconds: 10 }, 'cwt.max-age'],
];

for (const [claims, options, check] of EXPECTATIONS) {
  const title = `${JSON.stringify(claims)} where ${JSON.stringify(options)} is expected`;
  test(`${title} ${check === undefined ? 'passes' : `fails as ${check}`}`, async (t) => {
    const trying = opening(await issuerFor(t), claims, options);
    if (check !== undefined) return assert.rejects(trying, refused(check));
    return assert.equal((await trying).status, 'valid');
  });
}

test('an option of another type, or that is none, is ARGUMENT_INVALID and named', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const token = await signCwt({ audience: 'a', issuedAt: NOW }, { signer });
  const wrong: readonly (readonly [string, unknown])[] = [
    ['skewSeconds', Number.NaN],
    ['skewSeconds', -1],
    ['skewSeconds', '60'],
    ['skewSeconds', Number.POSITIVE_INFINITY],
    ['maxAgeSeconds', -1],
    ['maxAgeSeconds', '60'],
    ['at', new Date(Number.NaN)],
    ['at', '2026-06-01'],
    ['at', NOW],
    ['audience', 7],
    ['audience', []],
    ['audience', [7]],
    ['issuer', {}],
    ['required', ['exp']],
    ['required', 'expiresAt'],
    ['time', 'ignore'],
    ['tag', 'always'],
    ['cwtTag', 'always'],
    ['deterministic', 'yes'],
    ['audiance', 'a'],
    ['issuedAt', () => 0],
  ];
  for (const [field, value] of wrong) {
    const options = { trust, at: AT, audience: 'a', [field]: value } as OpenCwtOptions;
    await assert.rejects(openCwt(token, options), invalid(field), `${field}: ${String(value)}`);
  }
});

test('claims and entries that make no sense are not signed', async (t) => {
  const { signer } = await issuerFor(t);
  const wrong: readonly (readonly [string, unknown])[] = [
    ['issuer', 7],
    ['audience', ['a']],
    ['expiresAt', '1900000000'],
    ['issuedAt', new Date()],
    ['notBefore', 1n],
    ['cwtId', 'text'],
    ['exp', 1],
  ];
  for (const [name, value] of wrong) {
    const claims = { [name]: value } as CwtClaims;
    await assert.rejects(signCwt(claims, { signer }), invalid(`meta.${name}`), name);
  }
  const others = new Map([[1, 'b']]);
  await assert.rejects(signCwt({ issuer: 'a' }, { signer, others }), invalid('others'));
  assert.deepEqual(encodeCwt({}, others), encodeCwt({ issuer: 'b' }));
});

test('iat outside the signer’s certificate is refused by the issuer and, as its own check, by the verifier', async () => {
  const root = authority({ subject: 'root' });
  const period = { notBefore: '2025-01-01T00:00:00Z', notAfter: '2026-05-01T00:00:00Z' };
  const leaf = certificateOf({ subject: 'signer', issuer: root, ...period });
  const signer = await signerOf(leaf);
  const trust = await createTrust(root.der);
  const certificates = await signerCertificates(signer, { x5chain: [leaf.der] });
  await assert.rejects(signCwt(CLAIMS, { signer, certificates }), invalid('issuedAt'));
  const good = { ...CLAIMS, issuedAt: NOW - 90 * 86_400 };
  const token = await signCwt(good, { signer, certificates });
  const then = new Date('2026-04-01T00:00:00Z');
  const opened = await openCwt(token, { trust, at: then, time: 'report' });
  assert.ok(opened.checks.some(({ name, passed }) => name === 'x509.valid-at-issue' && passed));
  await assert.rejects(openCwt(token, { trust, at: AT }), refused('x509.not-after'));
  const backdated = await signSign1(encodeCwt(CLAIMS), { signer, certificates });
  await assert.rejects(openCwt(backdated, { trust, at: AT }), refused('x509.valid-at-issue'));
  await assert.rejects(
    openCwt(backdated, { trust, at: then, time: 'report' }),
    refused('x509.valid-at-issue'),
  );
});

test('the strict mode reaches the claims, and says where in them', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const order = Uint8Array.of(0xa2, 5, 0, 4, 0x1a, 0x7f, 0xff, 0xff, 0xff);
  const token = await signSign1(order, { signer });
  assert.equal((await openCwt(token, { trust, at: AT })).status, 'valid');
  const strict = openCwt(token, { trust, at: AT, deterministic: true });
  await assert.rejects(strict, failsWith('MALFORMED', { field: 'cwt', offset: 3 }));
});

test('a token bound to external data opens with it only', async (t) => {
  const issuer = await issuerFor(t);
  const externalAad = utf8('bound');
  assert.equal((await opening(issuer, CLAIMS, { externalAad }, { externalAad })).status, 'valid');
  await assert.rejects(opening(issuer, CLAIMS, {}, { externalAad }), refused('signature'));
});

test('the Python package cwt and this open each other’s tokens', { skip }, async (t) => {
  const [secret, open] = freshJwk('P-256');
  const signer = await importedKey(t, 'ES256', secret);
  const kid = signer.publicKey.id;
  const soon = Math.floor(Date.now() / 1000) + 600;
  const claims = { issuer: 'https://issuer.example', subject: 'ada', expiresAt: soon };
  const numbered = { '1': 'https://issuer.example', '2': 'ada', '4': soon };
  const keys = [{ ...open, alg: 'ES256', kid }];
  for (const tagged of [true, false]) {
    const ours = await signCwt(claims, { signer, cwtTag: tagged });
    const read = ask({ do: 'open-cwt', cose: encodeHex(ours), keys });
    assert.deepEqual(JSON.parse(Buffer.from(read).toString()), numbered);
    const key = { ...secret, alg: 'ES256', kid };
    const theirs = ask({ do: 'make-cwt', claims: numbered, key, tagged });
    const trust = await createTrust(signer.publicKey);
    const cwtTag = tagged ? 'required' : 'forbidden';
    const opened = await openCwt(theirs, { trust, cwtTag });
    for (const [name, value] of Object.entries(claims)) {
      assert.equal(opened.claims[name as keyof CwtClaims], value);
    }
  }
});
