import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import { type Decoded, decode, identityToJson } from 'hardkey/formats/claim169';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { aeadOf } from '../../../src/core/content-keys.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { fields } from '../../../src/formats/claim169/fields.ts';
import { failsWith } from '../../support/failures.ts';
import { AT } from './support.ts';

const found = vectors('claim169');
const skip = found.missing ?? false;
/** Every file. One that is added later is not passed over. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  valid: [
    'claim169-example',
    'ecdsa-p256-signed',
    'ed25519-signed',
    'encrypted-aes256',
    'minimal',
    'with-all-biometrics',
    'with-face',
    'with-fingerprints',
  ],
  edge: ['expired', 'not-yet-valid'],
  invalid: ['bad-base45', 'bad-zlib', 'missing-169', 'not-cose'],
  // Read in profiles.test.ts.
  extra: ['spec-1.2-worked-example-tag61-bstr169'],
};
const SIGNED = ['ecdsa-p256-signed.json', 'ed25519-signed.json'];
const WRONG_IMAGE = '//3+4AAQ';
/** What with-all-biometrics holds and does not list: labels 50 to 62. */
const UNLISTED = fields.filter(({ label }) => label >= 50 && label <= 62).map(({ name }) => name);

interface Vector {
  readonly qr_data: string;
  readonly signing_key?: { readonly algorithm: string; readonly public_key_hex: string };
  readonly encryption_key?: { readonly symmetric_key_hex: string };
  readonly expected_claim169?: Readonly<Record<string, unknown>>;
  readonly expected_cwt_meta?: Readonly<Record<string, unknown>>;
}

function each(folder: string): readonly (readonly [string, Vector])[] {
  if (skip) return [];
  return readdirSync(join(found.path, folder)).map((name) => [
    name,
    JSON.parse(readFileSync(join(found.path, folder, name), 'utf8')) as Vector,
  ]);
}

async function options({ signing_key: signing, encryption_key: encryption }: Vector) {
  const form = signing?.algorithm === 'EdDSA' ? 'ed25519' : 'p256';
  const trust = signing && { trust: await createTrust(`${form}:${signing.public_key_hex}`) };
  const key = encryption && (await aeadOf(decodeHex(encryption.symmetric_key_hex), 'A256GCM'));
  return { ...(trust ?? { allowUnsigned: true }), ...(key && { decryptWith: key }), at: AT };
}

test('every file of every folder is known here', { skip }, () => {
  const folders = readdirSync(found.path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = folders.map(({ name }) => [
    name,
    readdirSync(join(found.path, name))
      .map((file) => file.replace('.json', ''))
      .sort(),
  ]);
  assert.deepEqual(Object.fromEntries(files), FILES);
});

test('the exceptions: six are unsigned inside, and one has ended and an issuer that is no URI', {
  skip,
}, async () => {
  const statuses = await Promise.all(
    each('valid').map(async ([name, vector]) => {
      const { verification } = await decode(vector.qr_data, await options(vector));
      return [name, verification.status] as const;
    }),
  );
  const unsigned = statuses.filter(([, status]) => status === 'unsigned');
  assert.deepEqual([statuses.length, unsigned.length], [8, 6]);
  assert.deepEqual(
    statuses.flatMap(([name, status]) => (status === 'verified' ? [name] : [])).sort(),
    SIGNED,
  );
  for (const [name, vector] of each('valid')) {
    if (SIGNED.includes(name)) continue;
    const trusting = { ...(await options(vector)), allowUnsigned: false, trust: await createTrust([]) };
    const refused = decode(vector.qr_data, trusting);
    await assert.rejects(refused, failsWith('VERIFICATION_FAILED', { check: 'signature' }), name);
  }
  const example = each('valid').find(([name]) => name === 'claim169-example.json')?.[1];
  const { warnings } = await decode(example?.qr_data ?? '', { allowUnsigned: true, at: AT });
  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    [
      // "AR" is no language of ISO 639-3, as the specification's own example has it.
      ['value-form', 'identity.secondaryLanguage'],
      ['issuer-not-uri', 'meta.issuer'],
    ],
  );
  const ended = decode(example?.qr_data ?? '', { allowUnsigned: true, at: new Date('2026-08-29') });
  await assert.rejects(ended, failsWith('EXPIRED'));
});

test('valid vectors decode with their values', { skip }, async () => {
  for (const [name, vector] of each('valid')) {
    const { identity, meta, verification } = await decode(vector.qr_data, await options(vector));
    assert.equal(verification.status, vector.signing_key ? 'verified' : 'unsigned', name);
    assertIdentity(identity, vector, name);
    assert.deepEqual(meta, vector.expected_cwt_meta, name);
  }
});

/** Every field that is expected, and no other. */
function assertIdentity(
  identity: Decoded['identity'],
  { expected_claim169: expected = {} }: Vector,
  name: string,
) {
  const json = identityToJson(identity);
  for (const [field, value] of Object.entries(expected)) {
    const drop = withoutImage(value);
    const plain = (one: unknown): unknown => JSON.parse(JSON.stringify(one, drop));
    assert.deepEqual(plain(json[field]), plain(value), `${name} ${field}`);
  }
  const unlisted = name === 'with-all-biometrics.json' ? UNLISTED : [];
  assert.deepEqual(Object.keys(json).sort(), [...Object.keys(expected), ...unlisted].sort(), name);
}

/**
 * Some vectors leave out the bytes of a picture; with-face expects FF FD FE E0 where its QR text holds
 * the FF D8 FF E0 of a JPEG.
 */
function withoutImage(expected: unknown) {
  const leavesOut =
    Array.isArray(expected) &&
    expected.every((one: { readonly data?: string }) => one.data === undefined || one.data === WRONG_IMAGE);
  return (key: string, value: unknown): unknown => (leavesOut && key === 'data' ? undefined : value);
}

test('vectors out of their time are told apart, and reported when asked', { skip }, async () => {
  const codes = { 'expired.json': 'EXPIRED', 'not-yet-valid.json': 'NOT_YET_VALID' } as const;
  const names = each('edge').map(([name, vector]) => [name as keyof typeof codes, vector] as const);
  assert.deepEqual(new Set(names.map(([name]) => name)), new Set(skip ? [] : Object.keys(codes)));
  for (const [name, vector] of names) {
    const wanted = await options(vector);
    await assert.rejects(decode(vector.qr_data, wanted), failsWith(codes[name]), name);
    const { identity, meta, verification, isVerified } = await decode(vector.qr_data, {
      ...wanted,
      time: 'report',
    });
    assertIdentity(identity, vector, name);
    assert.deepEqual(meta, vector.expected_cwt_meta, name);
    assert.equal(verification.status, codes[name].toLowerCase().replaceAll('_', '-'));
    assert.equal(isVerified(), false);
  }
});

test('invalid vectors are MALFORMED and name their layer', { skip }, async () => {
  const layers: Readonly<Record<string, string>> = {
    'bad-base45.json': 'base45',
    'bad-zlib.json': 'compression',
    'missing-169.json': 'claim169',
    'not-cose.json': 'cose',
  };
  const found = each('invalid');
  assert.deepEqual(found.map(([name]) => name).sort(), Object.keys(layers).sort());
  for (const [name, vector] of found) {
    const field = layers[name] ?? '';
    await assert.rejects(
      decode(vector.qr_data, await options(vector)),
      failsWith('MALFORMED', { field }),
      name,
    );
  }
});
