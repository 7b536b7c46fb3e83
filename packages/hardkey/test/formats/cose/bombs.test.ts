// Input that promises more than it holds, or nests without end, is refused before it costs anything.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCose, decodeSign1, openEncrypt, openMac, openSign, openSign1 } from 'hardkey/formats/cose';
import { concat } from '../../../src/encoding/bytes.ts';
import { CborTag, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { issuerFor } from '../claim169/support.ts';

const MALFORMED = failsWith('MALFORMED', { field: 'cose' });

function nested(depth: number): CborValue {
  let value: CborValue = 0;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** Bytes whose heads claim what does not follow. */
const LIES: readonly (readonly [string, string])[] = [
  ['an array of 2^64 − 1 elements', 'd29bffffffffffffffff'],
  ['a byte string of 2^63 bytes', 'd2845b8000000000000000'],
  ['a byte string of 4 GiB', 'd2845affffffff'],
  ['a protected map of 2^32 entries', 'd28445baffffffffa04040'],
  ['an open map of 2^31 entries', 'd28440ba7fffffff4040'],
  ['a text of 2^53 bytes', 'd28440a1017b0020000000000000'],
  ['a tag of 2^64 − 1', 'dbffffffffffffffff80'],
  ['a thousand tags', 'd2'.repeat(1000)],
  ['a thousand arrays', '81'.repeat(1000)],
  ['a thousand maps', 'a100'.repeat(1000)],
  ['a hundred thousand arrays that have no end', '9f'.repeat(100_000)],
  ['strings in pieces of strings in pieces', '5f'.repeat(1000)],
];

for (const [what, hex] of LIES) {
  test(`${what} is MALFORMED`, async (t) => {
    const { trust } = await issuerFor(t);
    const bytes = decodeHex(hex);
    assert.throws(() => decodeSign1(bytes), MALFORMED);
    await assert.rejects(openSign1(bytes, { trust }), MALFORMED);
    await assert.rejects(openSign(bytes, { trust }), MALFORMED);
    await assert.rejects(openEncrypt(bytes, await freshKey(t, 'A128KW')), MALFORMED);
    await assert.rejects(openMac(bytes, await freshKey(t, 'A128KW')), MALFORMED);
  });
}

test('headers nest eight deep and no deeper, structures twelve', () => {
  const sign1 = (covered: CborValue, open: CborValue) =>
    encodeCbor(
      new CborTag(18, [
        encodeCbor(
          new Map<CborValue, CborValue>([
            [1, -8],
            [99, covered],
          ]),
        ),
        new Map([[98, open]]),
        new Uint8Array(),
        new Uint8Array(64),
      ]),
    );
  assert.ok(decodeSign1(sign1(nested(7), 0).slice()));
  assert.throws(() => decodeSign1(sign1(nested(8), 0)), MALFORMED);
  assert.throws(() => decodeSign1(sign1(0, nested(10))), MALFORMED);
});

test('more than ten thousand items are refused, however small', () => {
  const many = concat(decodeHex('d28440b92710'), encodeMany(10_000), decodeHex('4040'));
  assert.throws(() => decodeCose(many), MALFORMED);
  const covered = concat(decodeHex('b92710'), encodeMany(10_000));
  const bytes = encodeCbor(new CborTag(18, [covered, new Map(), new Uint8Array(), new Uint8Array(64)]));
  assert.throws(() => decodeSign1(bytes), MALFORMED);
});

/** The entries of a map: ever larger keys, and zeros. */
function encodeMany(count: number): Uint8Array {
  return concat(...Array.from({ length: count }, (_, key) => concat(encodeCbor(key), Uint8Array.of(0))));
}
