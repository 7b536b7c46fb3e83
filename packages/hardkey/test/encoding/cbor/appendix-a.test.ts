import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCbor, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { failureOf } from '../failure.ts';
import { appendixA } from './appendix-a.ts';

test('RFC 8949 Appendix A has 81 examples here, each encoding once', () => {
  strictEqual(appendixA.length, 81);
  strictEqual(new Set(appendixA.map(({ hex }) => hex)).size, 81);
});

for (const { diagnostic, hex, value, loose } of appendixA) {
  test(`${hex} is ${diagnostic}`, () => deepStrictEqual(decodeCbor(decodeHex(hex)), value));

  if (loose) {
    test(`${hex} is refused where only the deterministic encoding is read`, () => {
      strictEqual(failureOf(() => decodeCbor(decodeHex(hex), { deterministic: true })).code, 'MALFORMED');
    });
  } else {
    test(`${diagnostic} is written ${hex}`, () => {
      strictEqual(encodeHex(encodeCbor(value)), hex);
      deepStrictEqual(decodeCbor(decodeHex(hex), { deterministic: true }), value);
    });
  }

  test(`${hex} cut short anywhere, or followed by a byte, is MALFORMED`, () => {
    const bytes = decodeHex(hex);
    for (let end = 0; end < bytes.length; end++) {
      strictEqual(failureOf(() => decodeCbor(bytes.subarray(0, end))).code, 'MALFORMED');
    }
    const failure = failureOf(() => decodeCbor(Uint8Array.of(...bytes, 0)));
    deepStrictEqual(failure.details, { field: 'cbor', offset: bytes.length });
  });
}
