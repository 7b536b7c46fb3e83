import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { vectors } from '../../../../scripts/components/vectors.ts';
import { ecdsaFromDer, ecdsaToDer } from '../../src/encoding/ecdsa.ts';
import { decodeHex, encodeHex } from '../../src/encoding/hex.ts';
import { isFailure } from '../../src/errors.ts';
import { failureOf, malformedAt } from './failure.ts';

interface Case {
  readonly tcId: number;
  readonly flags: readonly string[];
  readonly msg: string;
  readonly sig: string;
  readonly result: 'valid' | 'invalid';
}

interface File {
  readonly numberOfTests: number;
  readonly testGroups: readonly { readonly publicKeyPem: string; readonly tests: readonly Case[] }[];
}

// Flags of Wycheproof under which no signature is DER of two non-negative integers of 32 bytes.
const NEVER_DER = new Set([
  'BerEncodedSignature',
  'InvalidEncoding',
  'InvalidTypesInSignature',
  'MissingZero',
]);

const wycheproof = vectors('wycheproof/ecdsa_secp256r1_sha256_test.json');

test('Wycheproof: r‖s of every DER signature has the verdict of its DER', {
  skip: wycheproof.missing ?? false,
}, () => {
  const { numberOfTests, testGroups } = JSON.parse(readFileSync(wycheproof.path ?? '', 'utf8')) as File;
  const seen = { valid: 0, refused: 0, forged: 0 };
  for (const { publicKeyPem, tests } of testGroups) {
    const key = { key: createPublicKey(publicKeyPem), dsaEncoding: 'ieee-p1363' } as const;
    for (const { tcId, flags, msg, sig, result } of tests) {
      const fixed = convert(decodeHex(sig));
      if (fixed === undefined) {
        seen.refused++;
        strictEqual(result, 'invalid', `case ${tcId} is valid`);
        continue;
      }
      ok(!flags.some((flag) => NEVER_DER.has(flag)), `case ${tcId} is not DER: ${flags.join()}`);
      strictEqual(encodeHex(ecdsaToDer(fixed)), sig, `case ${tcId} has another DER`);
      strictEqual(verify('sha256', decodeHex(msg), key, fixed), result === 'valid', `case ${tcId}`);
      seen[result === 'valid' ? 'valid' : 'forged']++;
    }
  }
  strictEqual(seen.valid + seen.refused + seen.forged, numberOfTests);
  deepStrictEqual(seen, { valid: 174, refused: 235, forged: 75 });
});

test('what OpenSSL signs is converted both ways, on every curve', () => {
  for (const [curve, length] of [
    ['prime256v1', 64],
    ['secp256k1', 64],
    ['secp384r1', 96],
    ['secp521r1', 132],
  ] as const) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
    for (let i = 0; i < 20; i++) {
      const message = Uint8Array.of(i);
      const native = Uint8Array.from(sign('sha256', message, privateKey));
      const fixed = ecdsaFromDer(native, length);
      deepStrictEqual(ecdsaToDer(fixed), native);
      ok(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, fixed));
    }
  }
});

test('an integer longer than the curve is MALFORMED, one shorter is filled with zeros', () => {
  malformedAt(() => ecdsaFromDer(decodeHex('3009020401aabbcc020101'), 6), 'signature', 2);
  malformedAt(() => ecdsaFromDer(decodeHex('3009020101020401aabbcc'), 6), 'signature', 5);
  strictEqual(encodeHex(ecdsaFromDer(decodeHex('3009020400aabbcc020101'), 6)), 'aabbcc000001');
  strictEqual(encodeHex(ecdsaFromDer(decodeHex('3006020101020102'), 8)), '0000000100000002');
});

test('anything but a sequence of two minimal non-negative integers is MALFORMED', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['', 0],
    ['3106020101020102', 0],
    ['308106020101020102', 0],
    ['3080020101020102 0000', 0],
    ['300602010102010200', 8],
    ['3007020101020102 00', 8],
    ['3009020101020102020103', 8],
    ['3003020101', 5],
    ['300702020001020102', 2],
    ['3006020181020102', 2],
    ['3006020101020182', 5],
    ['3005 0200 020102', 2],
    ['3006 0a0101 020102', 2],
    ['3006 020101 020202', 5],
  ];
  for (const [hex, offset] of cases) {
    malformedAt(() => ecdsaFromDer(decodeHex(hex.replaceAll(' ', '')), 64), 'signature', offset);
  }
});

test('r‖s of no curve is ARGUMENT_INVALID', () => {
  for (const length of [0, 1, 63, 65, 133, 134, 300]) {
    strictEqual(failureOf(() => ecdsaToDer(new Uint8Array(length))).code, 'ARGUMENT_INVALID');
  }
});

test('r‖s goes to DER and back, whatever the integers', () => {
  const halves = fc.oneof(
    fc.uint8Array({ minLength: 66, maxLength: 66 }),
    fc.constantFrom(0, 1, 0x7f, 0x80, 0xff).map((last) => new Uint8Array(66).fill(last, 65)),
    fc.nat(65).map((from) => new Uint8Array(66).fill(0xff, from)),
  );
  fc.assert(
    fc.property(halves, halves, fc.constantFrom(32, 48, 66), (r, s, half) => {
      const fixed = Uint8Array.of(...r.slice(66 - half), ...s.slice(66 - half));
      deepStrictEqual(ecdsaFromDer(ecdsaToDer(fixed), 2 * half), fixed);
    }),
    { numRuns: 1000 },
  );
});

function convert(signature: Uint8Array): Uint8Array | undefined {
  try {
    return ecdsaFromDer(signature, 64);
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) return undefined;
    throw error;
  }
}
