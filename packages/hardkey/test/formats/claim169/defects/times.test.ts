// §1.2 and the table of the live library: times, and what comes first of several things that are wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from 'hardkey/formats/claim169';
import { signSign1 } from 'hardkey/formats/cose';
import { CborEncoded, type CborValue, encodeCbor } from '../../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../../src/encoding/hex.ts';
import { failsWith } from '../../../support/failures.ts';
import { AT, issuerFor, META, NOW, textOf } from '../support.ts';

const IDENTITY = { id: '7' };

/** A signed text with one time in an encoding of its own. */
async function withTime(signer: Parameters<typeof signSign1>[1]['signer'], label: number, hex: string) {
  const claims = new Map<CborValue, CborValue>([
    [label, new CborEncoded(decodeHex(hex))],
    [169, new Map([[1, '7']])],
  ]);
  return textOf(await signSign1(encodeCbor(claims), { signer }));
}

test('a credential is EXPIRED on the second of exp, and not the one after', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { text } = await encode(IDENTITY, { ...META, expiresAt: NOW }, { signer });
  await assert.rejects(decode(text, { trust, at: AT }), failsWith('EXPIRED', { field: 'cwt.exp' }));
  const before = new Date(AT.getTime() - 1);
  assert.equal((await decode(text, { trust, at: before })).isVerified(), true);
});

test('the greatest exp there is does not wrap around with a skew', async (t) => {
  const { signer, trust } = await issuerFor(t);
  // 2^63 − 1, 2^64 − 1, and the largest fraction.
  for (const hex of ['1b7fffffffffffffff', '1bffffffffffffffff', 'fb7fefffffffffffff']) {
    const text = await withTime(signer, 4, hex);
    for (const skewSeconds of [0, 1, 1e9]) {
      assert.equal((await decode(text, { trust, at: AT, skewSeconds })).isVerified(), true, hex);
    }
  }
});

test('the least nbf and exp there are do not wrap around either', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const least = '3b7fffffffffffffff';
  const begun = await decode(await withTime(signer, 5, least), { trust, at: AT, skewSeconds: 1e9 });
  assert.equal(begun.isVerified(), true);
  const ended = decode(await withTime(signer, 4, least), { trust, at: AT, skewSeconds: 1e9 });
  await assert.rejects(ended, failsWith('EXPIRED'));
  const never = decode(await withTime(signer, 5, '1b7fffffffffffffff'), { trust, at: AT, skewSeconds: 1e9 });
  await assert.rejects(never, failsWith('NOT_YET_VALID'));
});

test('a time that is infinite or no number is MALFORMED and named', async (t) => {
  const { signer, trust } = await issuerFor(t);
  for (const hex of ['f97c00', 'f9fc00', 'f97e00', 'c11a6a1c0000']) {
    const refused = failsWith('MALFORMED', { field: 'cwt.expiresAt' });
    await assert.rejects(decode(await withTime(signer, 4, hex), { trust, at: AT }), refused, hex);
  }
});

test('a skew that is negative, infinite or no number is ARGUMENT_INVALID', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { text } = await encode(IDENTITY, META, { signer });
  for (const skewSeconds of [-1, Number.NaN, Number.POSITIVE_INFINITY, '60' as unknown as number]) {
    const refused = failsWith('ARGUMENT_INVALID', { field: 'skewSeconds' });
    await assert.rejects(decode(text, { trust, at: AT, skewSeconds }), refused);
  }
});

test('expired and forged is forged; expired and genuine is returned when asked, with every check', async (t) => {
  const [issuer, forger] = [await issuerFor(t), await issuerFor(t)];
  const late = { ...META, expiresAt: NOW - 1 };
  const { text: forged } = await encode(IDENTITY, late, { signer: forger.signer });
  const { text: genuine } = await encode(IDENTITY, late, { signer: issuer.signer });
  const options = { trust: issuer.trust, at: AT } as const;
  for (const time of [{}, { time: 'report' }] as const) {
    await assert.rejects(decode(forged, { ...options, ...time }), failsWith('VERIFICATION_FAILED'));
  }
  await assert.rejects(decode(genuine, options), failsWith('EXPIRED'));
  const { verification, isVerified } = await decode(genuine, { ...options, time: 'report' });
  assert.deepEqual([verification.status, isVerified()], ['expired', false]);
  const failed = verification.checks.filter(({ passed }) => !passed);
  assert.deepEqual(
    failed.map(({ name }) => name),
    ['cwt.expires-at'],
  );
});

test('a verifier that wants an exp, or not too old an iat, asks for it', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { text } = await encode(
    IDENTITY,
    { issuer: 'https://issuer.example', issuedAt: NOW + 60 },
    { signer },
  );
  const options = { trust, at: AT } as const;
  await assert.rejects(
    decode(text, { ...options, required: ['expiresAt'] }),
    failsWith('VERIFICATION_FAILED', { check: 'cwt.required' }),
  );
  await assert.rejects(
    decode(text, { ...options, maxAgeSeconds: 10 }),
    failsWith('VERIFICATION_FAILED', { check: 'cwt.max-age' }),
  );
  assert.equal((await decode(text, { ...options, maxAgeSeconds: 10, skewSeconds: 60 })).isVerified(), true);
});
