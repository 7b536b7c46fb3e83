import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import { type DecodeOptions, decode, encode, type Identity, inspect } from 'hardkey/formats/claim169';
import { verifyText } from 'hardkey/formats/claim169/verify';
import { fields } from '../../../src/formats/claim169/fields.ts';
import { failsWith } from '../../support/failures.ts';
import { AT, issuerFor, META, NOW } from './support.ts';

const SAMPLE = { data: Uint8Array.of(1, 2, 3), format: 0, subFormat: 4, issuer: 'camera' };

/** Every field of the format. */
const EVERYTHING = Object.fromEntries(
  fields.map(({ name, type, label }) => [
    name,
    {
      text: `${name} ä ${label}`,
      date: '20240229',
      language: 'eng',
      country: 'IND',
      email: 'ada@example.org',
      phone: '+91 98765 43210',
      integer: 2,
      bytes: Uint8Array.of(label),
      fingers: [0, 1, 10],
      biometrics: [SAMPLE, { data: new Uint8Array() }],
    }[type],
  ]),
) as Identity;

for (const algorithm of ['ES256', 'Ed25519', 'PS256', 'ES384', 'ML-DSA-44'] as const) {
  test(`what ${algorithm} signs comes back verified, by whichever way it is compressed`, async (t) => {
    const { signer, trust } = await issuerFor(t, algorithm);
    const identity = { id: '1', fullName: 'Ada' };
    for (const compression of ['zlib', 'brotli', 'smallest'] as const) {
      const { text, ...encoded } = await encode(identity, META, { signer, compression });
      const decoded = await decode(text, { trust, at: AT });
      assert.deepEqual(decoded.identity, identity);
      assert.deepEqual(decoded.meta, META);
      assert.equal(decoded.isVerified(), true);
      assert.equal(decoded.verification.status, 'verified');
      assert.equal(decoded.verification.algorithm, algorithm);
      assert.equal(decoded.verification.keyId, signer.publicKey.id);
      assert.ok(decoded.verification.checks.every(({ passed }) => passed));
      assert.equal(decoded.compression, encoded.compression);
      assert.deepEqual(decoded.warnings, []);
    }
  });
}

test('every field comes back as it was', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { text, warnings } = await encode(EVERYTHING, META, { signer });
  const decoded = await decode(text, { trust, at: AT });
  assert.deepEqual(decoded.identity, EVERYTHING);
  const deprecated = decoded.warnings.map(({ code, path }) => `${code} ${path}`);
  assert.deepEqual(deprecated, ['deprecated-field identity.photo', 'deprecated-field identity.photoFormat']);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['deprecated-field'],
  );
  assert.deepEqual((await verifyText(text, { trust, at: AT })).identity, EVERYTHING);
});

test('the signature of another key is VERIFICATION_FAILED, and a stolen kid does not help', async (t) => {
  const issuer = await issuerFor(t);
  const other = await issuerFor(t);
  for (const keyId of [undefined, null, issuer.signer.publicKey.id]) {
    const named = keyId === undefined ? {} : { keyId };
    const { text } = await encode({ id: '1' }, META, { signer: other.signer, ...named });
    const wrong = failsWith('VERIFICATION_FAILED');
    await assert.rejects(decode(text, { trust: issuer.trust, at: AT }), wrong);
    // Allowing what is unsigned does not let pass what is wrongly signed.
    await assert.rejects(decode(text, { trust: issuer.trust, allowUnsigned: true, at: AT }), wrong);
  }
});

test('an algorithm that the trust excludes is VERIFICATION_FAILED', async (t) => {
  const { signer } = await issuerFor(t, 'PS256');
  const { text } = await encode({ id: '1' }, META, { signer });
  const trust = await createTrust(signer.publicKey, { algorithms: ['PS512'] });
  const refused = failsWith('VERIFICATION_FAILED', { check: 'key.algorithm' });
  await assert.rejects(decode(text, { trust, at: AT }), refused);
});

test('a kid is what the caller says, or is left out', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const named = await encode({ id: '1' }, META, { signer, keyId: 'key-7' });
  assert.equal((await inspect(named.text)).keyId, 'key-7');
  const nameless = await encode({ id: '1' }, META, { signer, keyId: null });
  assert.equal((await inspect(nameless.text)).keyId, undefined);
  assert.equal((await decode(nameless.text, { trust, at: AT })).verification.keyId, signer.publicKey.id);
});

/** Times of a credential, and what becomes of it at NOW. */
const TIMES = [
  [{ expiresAt: NOW - 1 }, {}, 'EXPIRED'],
  [{ expiresAt: NOW }, {}, 'EXPIRED'],
  [{ expiresAt: NOW + 1 }, {}, undefined],
  [{ expiresAt: NOW + 0.5 }, {}, undefined],
  [{ expiresAt: NOW }, { skewSeconds: 1 }, undefined],
  [{ expiresAt: NOW - 1 }, { skewSeconds: 1 }, 'EXPIRED'],
  [{ notBefore: NOW + 1 }, {}, 'NOT_YET_VALID'],
  [{ notBefore: NOW + 0.5 }, {}, 'NOT_YET_VALID'],
  [{ notBefore: NOW }, {}, undefined],
  [{ notBefore: NOW + 5 }, { skewSeconds: 5 }, undefined],
  [{ notBefore: NOW + 6 }, { skewSeconds: 5 }, 'NOT_YET_VALID'],
  [{ issuedAt: NOW + 1000 }, {}, undefined],
] as const;

test('time: exp is the first second that is refused, nbf the first that is accepted', async (t) => {
  const { signer, trust } = await issuerFor(t);
  for (const [times, more, code] of TIMES) {
    const name = JSON.stringify([times, more]);
    const meta = { issuer: 'https://issuer.example', ...times };
    const { text } = await encode({ id: '1' }, meta, { signer });
    const options: DecodeOptions = { trust, at: AT, ...more };
    if (code === undefined) {
      assert.equal((await decode(text, options)).isVerified(), true, name);
      continue;
    }
    await assert.rejects(decode(text, options), failsWith(code, { keyId: signer.publicKey.id }), name);
    const reported = await decode(text, { ...options, time: 'report' });
    assert.equal(reported.verification.status, code.toLowerCase().replaceAll('_', '-'), name);
    assert.equal(reported.isVerified(), false);
    assert.deepEqual(reported.meta, meta);
    assert.equal(reported.verification.checks.filter(({ passed }) => !passed).length, 1, name);
  }
});

test('reporting the time forgives no signature', async (t) => {
  const [issuer, other] = [await issuerFor(t), await issuerFor(t)];
  const { text } = await encode({ id: '1' }, { ...META, expiresAt: NOW }, { signer: other.signer });
  const wrong = failsWith('VERIFICATION_FAILED');
  await assert.rejects(decode(text, { trust: issuer.trust, at: AT, time: 'report' }), wrong);
  await assert.rejects(decode(text, { trust: issuer.trust, at: AT }), wrong);
});

test('nothing is decoded without trust unless unsigned content is allowed', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { text } = await encode({ id: '1' }, META, { signer });
  const refused = failsWith('ARGUMENT_INVALID', { field: 'trust' });
  for (const read of [decode, verifyText]) {
    await assert.rejects(read(text, { at: AT }), refused);
    await assert.rejects(read(text, { at: AT, allowUnsigned: false }), refused);
    const { verification, isVerified } = await read(text, { at: AT, allowUnsigned: true });
    assert.deepEqual([verification.status, isVerified()], ['unsigned', false]);
    const unknown = { trust, at: AT, untrusted: true };
    await assert.rejects(read(text, unknown), failsWith('ARGUMENT_INVALID', { field: 'untrusted' }));
    const undated = { trust, at: new Date(Number.NaN) };
    await assert.rejects(read(text, undated), failsWith('ARGUMENT_INVALID', { field: 'at' }));
    const other = { trust, profile: '1.2.0' as '1.2.1' };
    await assert.rejects(read(text, other), failsWith('UNSUPPORTED', { field: 'profile' }));
  }
});

test('a QR text is measured, and one too large for a code is ARGUMENT_INVALID', async (t) => {
  const { signer } = await issuerFor(t);
  const { text, qrVersion } = await encode({ id: '1' }, META, { signer });
  const { characters, qrVersion: same, coseBytes } = await inspect(text);
  assert.deepEqual([characters, same], [text.length, qrVersion]);
  assert.ok(coseBytes > 64 && qrVersion >= 5 && qrVersion <= 12);
  const face = [{ data: crypto.getRandomValues(new Uint8Array(4096)) }];
  const refused = failsWith('ARGUMENT_INVALID', { field: 'identity' });
  await assert.rejects(encode({ face }, META, { signer }), refused);
});

test('what is encoded is decoded: content over the usual limit is refused, however small it becomes', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const address = (length: number): Identity => ({ address: 'a'.repeat(length) });
  const { text } = await encode(address(65_000), META, { signer });
  const { identity } = await decode(text, { trust, at: AT });
  assert.equal(identity.address?.length, 65_000);
  const refused = failsWith('ARGUMENT_INVALID', { field: 'identity' });
  await assert.rejects(encode(address(65_536), META, { signer }), refused);
});
