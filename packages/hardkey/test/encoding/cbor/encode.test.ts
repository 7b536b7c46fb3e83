import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CborEncoded,
  CborFloat,
  CborSimple,
  CborTag,
  type CborValue,
  decodeCbor,
  encodeCbor,
} from '../../../src/encoding/cbor/index.ts';
import { encodeHex } from '../../../src/encoding/hex.ts';
import { failureOf } from '../failure.ts';
import { values } from './arbitrary.ts';

const hex = (value: CborValue): string => encodeHex(encodeCbor(value));
const refused = (value: unknown): void => {
  const failure = failureOf(() => encodeCbor(value as CborValue));
  deepStrictEqual([failure.code, failure.details.field], ['ARGUMENT_INVALID', 'cbor']);
};

test('map keys are written in the order of RFC 8949 §4.2.1, whatever order they come in', () => {
  const entries: [CborValue, CborValue][] = [
    [10, 1],
    [100, 2],
    [-1, 3],
    ['z', 4],
    ['aa', 5],
    [[100], 6],
    [[-1], 7],
    [false, 8],
  ];
  const expected = 'a80a0118640220036 17a04626161058118640681200 7f408'.replaceAll(' ', '');
  strictEqual(hex(new Map(entries)), expected);
  strictEqual(hex(new Map([...entries].reverse())), expected);
  const inner = new Map([
    ['b', 1],
    ['a', 2],
  ]);
  const outer: CborValue = new Map<CborValue, CborValue>([
    [2, inner],
    [1, 0],
  ]);
  strictEqual(hex([outer]), '81a2010002a2616102616201');
});

test('a map that grows the buffer while it is put in order keeps its entries', () => {
  const entries = Array.from({ length: 300 }, (_, i): [CborValue, CborValue] => [300 - i, 'x'.repeat(i)]);
  const read = decodeCbor(encodeCbor(new Map(entries)), { deterministic: true });
  deepStrictEqual(read, new Map(entries.reverse()));
});

test('a long byte string is written whole', () => {
  for (const length of [0, 23, 24, 255, 256, 511, 512, 513, 65_535, 65_536, 1_000_000]) {
    const bytes = new Uint8Array(length).fill(7);
    deepStrictEqual(decodeCbor(encodeCbor([1, bytes, 2]), { deterministic: true }), [1, bytes, 2]);
  }
});

test('text is written as UTF-8, short or long, ASCII or not', () => {
  for (const text of [
    'é',
    `${'a'.repeat(63)}é`,
    'a'.repeat(64),
    'a'.repeat(65),
    '水'.repeat(100),
    '\ud83d\ude00',
    '\0',
  ]) {
    const expected = new TextEncoder().encode(text);
    const encoding = encodeCbor(text);
    deepStrictEqual(encoding.subarray(encoding.length - expected.length), expected);
    strictEqual(decodeCbor(encoding, { deterministic: true }), text);
  }
});

test('half a surrogate pair is ARGUMENT_INVALID, not a replacement character', () => {
  for (const text of ['\ud800', '\udc00', 'a\ud800b', '\udc00\ud800', `${'a'.repeat(100)}\ud800`]) {
    refused(text);
    refused(new Map([[text, 1]]));
  }
});

test('a key that two values of a map share in CBOR is ARGUMENT_INVALID', () => {
  refused(
    new Map<CborValue, CborValue>([
      [1, 1],
      [1n, 2],
    ]),
  );
  refused(
    new Map<CborValue, CborValue>([
      [2, 0],
      [1, 1],
      [3, 0],
      [1n, 2],
    ]),
  );
  refused(
    new Map<CborValue, CborValue>([
      [Uint8Array.of(1), 1],
      [Uint8Array.of(1), 2],
    ]),
  );
  refused(
    new Map<CborValue, CborValue>([
      [[1], 1],
      [new CborEncoded(Uint8Array.of(0x81, 1)), 2],
    ]),
  );
});

test('what CBOR has no form for is ARGUMENT_INVALID', () => {
  for (const value of [{}, { a: 1 }, Symbol('a'), () => 1, new Set(), new Date(0), new ArrayBuffer(1)])
    refused(value);
  for (const value of [2n ** 64n, -(2n ** 64n) - 1n]) refused(value);
  for (const tag of [-1, 1.5, 2 ** 53, -1n, 2n ** 64n, Number.NaN]) refused(new CborTag(tag, 0));
  for (const simple of [-1, 24, 31, 256, 1.5, Number.NaN]) refused(new CborSimple(simple));
});

test('a value that contains itself is ARGUMENT_INVALID', () => {
  const array: CborValue[] = [];
  array.push(array);
  const map = new Map<CborValue, CborValue>();
  map.set('me', [map]);
  refused(array);
  refused(map);
  refused(new CborTag(1, array));
});

test('a number is an integer where that is safe and a float elsewhere', () => {
  strictEqual(hex(Number.MAX_SAFE_INTEGER), '1b001fffffffffffff');
  strictEqual(hex(Number.MIN_SAFE_INTEGER), '3b001ffffffffffffe');
  strictEqual(hex(2 ** 53), 'fa5a000000');
  strictEqual(hex(-0), 'f98000');
  strictEqual(hex(1.5), 'f93e00');
  strictEqual(hex(new CborFloat(7)), 'f94700');
  strictEqual(hex(-1n), '20');
  strictEqual(hex(2n ** 32n), '1b0000000100000000');
});

test('a float is written as short as keeps it', () => {
  const cases: [number, string][] = [
    [65504, 'f97bff'],
    [65505, 'fa477fe100'],
    [65520, 'fa477ff000'],
    [65536, 'fa47800000'],
    [2 ** -14, 'f90400'],
    [2 ** -14 - 2 ** -24, 'f903ff'],
    [2 ** -24, 'f90001'],
    [2 ** -25, 'fa33000000'],
    [3 * 2 ** -25, 'fa33c00000'],
    [2 ** -149, 'fa00000001'],
    [2 ** -150, 'fb3690000000000000'],
    [Number.MIN_VALUE, 'fb0000000000000001'],
    [1 - 2 ** -53, 'fb3fefffffffffffff'],
    [2 - 2 ** -52, 'fb3fffffffffffffff'],
    [-2049, 'fac5001000'],
  ];
  for (const [value, expected] of cases) strictEqual(hex(new CborFloat(value)), expected);
});

test('every half-precision number is written as it was read', () => {
  for (let bits = 0; bits < 0x1_0000; bits++) {
    const none = (bits & 0x7c00) === 0x7c00 && (bits & 1023) !== 0;
    const bytes = Uint8Array.of(0xf9, bits >> 8, bits & 0xff);
    const expected = none ? Uint8Array.of(0xf9, 0x7e, 0) : bytes;
    strictEqual(Buffer.compare(encodeCbor(decodeCbor(bytes)), expected), 0, bits.toString(16));
  }
});

test('an encoded item is copied as it is', () => {
  strictEqual(hex([new CborEncoded(Uint8Array.of(0x18, 0x01)), 2]), '82180102');
});

test('writing does not touch what it is given, and gives bytes of its own', () => {
  const map = new Map<CborValue, CborValue>([
    [2, 'b'],
    [1, Uint8Array.of(9)],
  ]);
  const first = encodeCbor(map);
  deepStrictEqual([...map.keys()], [2, 1]);
  first.fill(0);
  strictEqual(hex(map), 'a20141090261 62'.replace(' ', ''));
  strictEqual(first.buffer.byteLength, first.length);
});

test('what is written is read back as it was, as deterministic encoding', () => {
  fc.assert(
    fc.property(values, (value) =>
      deepStrictEqual(decodeCbor(encodeCbor(value), { deterministic: true }), value),
    ),
    { numRuns: 2000 },
  );
});
