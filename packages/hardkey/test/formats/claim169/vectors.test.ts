import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { createKeys, createTrust, isFailure } from 'hardkey';
import { decode, encode, identityToJson } from 'hardkey/formats/claim169';
import { memory } from 'hardkey/providers/memory';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { aeadOf } from '../../../src/core/content-keys.ts';
import { decodeBase45, encodeBase45 } from '../../../src/encoding/base45.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { decompress } from '../../../src/formats/claim169/compression/node.ts';

const found = vectors('claim169');
const skip = found.missing ?? false;
const WRONG_IMAGE = '//3+4AAQ';
const AT = new Date('2026-06-01T00:00:00Z');

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

test('valid vectors decode with their values', { skip }, async () => {
  for (const [name, vector] of each('valid')) {
    const { identity, meta, verification } = await decode(vector.qr_data, await options(vector));
    assert.equal(verification.status, vector.signing_key ? 'verified' : 'unsigned', name);
    const json = identityToJson(identity);
    for (const [field, value] of Object.entries(vector.expected_claim169 ?? {})) {
      const drop = withoutImage(value);
      const plain = (one: unknown): unknown => JSON.parse(JSON.stringify(one, drop));
      assert.deepEqual(plain(json[field]), plain(value), `${name} ${field}`);
    }
    assert.deepEqual(meta, vector.expected_cwt_meta, name);
  }
});

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
  const statuses = { 'expired.json': 'EXPIRED', 'not-yet-valid.json': 'NOT_YET_VALID' } as const;
  for (const [name, vector] of each('edge')) {
    const code = statuses[name as keyof typeof statuses];
    await assert.rejects(decode(vector.qr_data, await options(vector)), (error) => isFailure(error, code));
    const reported = await decode(vector.qr_data, { ...(await options(vector)), time: 'report' });
    assert.equal(reported.isVerified(), false);
    assert.equal(reported.verification.status, code.toLowerCase().replaceAll('_', '-'));
  }
});

test('invalid vectors are MALFORMED and name their layer', { skip }, async () => {
  const layers: Readonly<Record<string, string>> = {
    'bad-base45.json': 'base45',
    'bad-zlib.json': 'compression',
    'missing-169.json': 'claim169',
    'not-cose.json': 'cose',
  };
  for (const [name, vector] of each('invalid')) {
    await assert.rejects(
      decode(vector.qr_data, await options(vector)),
      (error) => isFailure(error, 'MALFORMED') && error.details.field === layers[name],
      name,
    );
  }
});

test('every bit of the COSE bytes counts', async () => {
  await using keys = createKeys([memory()]);
  const signer = (await keys.create('memory:issuer', { algorithm: 'Ed25519' })).use('Ed25519');
  const trust = await createTrust(signer.publicKey);
  const { text } = await encode(
    { id: '1', fullName: 'A' },
    { issuer: 'https://a.example' },
    { signer, compression: 'zlib' },
  );
  const cose = await decompress('zlib', decodeBase45(text), 65_536);
  let accepted = 0;
  for (let bit = 0; bit < cose.length * 8; bit++) {
    const changed = Uint8Array.from(cose);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    await decode(encodeBase45(deflateSync(changed)), { trust }).then(
      () => accepted++,
      (error: unknown) => assert.ok(isFailure(error), String(error)),
    );
  }
  assert.equal(accepted, 0);
});

test('bits of the compressed bytes that may change, change nothing that is read', async () => {
  await using keys = createKeys([memory()]);
  const signer = (await keys.create('memory:issuer', { algorithm: 'ES256' })).use('ES256');
  const trust = await createTrust(signer.publicKey);
  for (const compression of ['zlib', 'brotli'] as const) {
    const { text } = await encode(
      { id: '1', fullName: 'A' },
      { issuer: 'https://a.example' },
      { signer, compression },
    );
    const bytes = decodeBase45(text);
    const cose = await decompress(compression, bytes, 65_536);
    let accepted = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const opened = await decode(encodeBase45(changed), { trust }).catch((error: unknown) => error);
      if (isFailure(opened)) continue;
      accepted++;
      assert.deepEqual(await decompress(compression, changed, 65_536), cose);
    }
    assert.ok(accepted <= 12, `${compression}: ${accepted}`);
  }
});
