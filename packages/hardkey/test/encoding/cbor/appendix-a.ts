// Every example of RFC 8949, Appendix A, table 6: diagnostic notation, encoding, value. `loose` marks
// those that the core deterministic encoding (§4.2.1) writes otherwise.
import { CborFloat, CborSimple, CborTag, type CborValue } from '../../../src/encoding/cbor/index.ts';

/** One row of the table. */
export interface Example {
  readonly diagnostic: string;
  readonly hex: string;
  readonly value: CborValue;
  readonly loose: boolean;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const float = (value: number): CborFloat => new CborFloat(value);
const map = (...entries: [CborValue, CborValue][]): CborValue => new Map(entries);
const upTo25 = Array.from({ length: 25 }, (_, i) => i + 1);
const TWO_64 = bytes(1, 0, 0, 0, 0, 0, 0, 0, 0);

const DETERMINISTIC: readonly (readonly [string, string, CborValue])[] = [
  ['0', '00', 0],
  ['1', '01', 1],
  ['10', '0a', 10],
  ['23', '17', 23],
  ['24', '1818', 24],
  ['25', '1819', 25],
  ['100', '1864', 100],
  ['1000', '1903e8', 1000],
  ['1000000', '1a000f4240', 1_000_000],
  ['1000000000000', '1b000000e8d4a51000', 1_000_000_000_000],
  ['18446744073709551615', '1bffffffffffffffff', 18446744073709551615n],
  ['18446744073709551616', 'c249010000000000000000', new CborTag(2, TWO_64)],
  ['-18446744073709551616', '3bffffffffffffffff', -18446744073709551616n],
  ['-18446744073709551617', 'c349010000000000000000', new CborTag(3, TWO_64)],
  ['-1', '20', -1],
  ['-10', '29', -10],
  ['-100', '3863', -100],
  ['-1000', '3903e7', -1000],
  ['0.0', 'f90000', float(0)],
  ['-0.0', 'f98000', float(-0)],
  ['1.0', 'f93c00', float(1)],
  ['1.1', 'fb3ff199999999999a', float(1.1)],
  ['1.5', 'f93e00', float(1.5)],
  ['65504.0', 'f97bff', float(65504)],
  ['100000.0', 'fa47c35000', float(100000)],
  ['3.4028234663852886e+38', 'fa7f7fffff', float(3.4028234663852886e38)],
  ['1.0e+300', 'fb7e37e43c8800759c', float(1e300)],
  ['5.960464477539063e-8', 'f90001', float(2 ** -24)],
  ['0.00006103515625', 'f90400', float(0.00006103515625)],
  ['-4.0', 'f9c400', float(-4)],
  ['-4.1', 'fbc010666666666666', float(-4.1)],
  ['Infinity', 'f97c00', float(Number.POSITIVE_INFINITY)],
  ['NaN', 'f97e00', float(Number.NaN)],
  ['-Infinity', 'f9fc00', float(Number.NEGATIVE_INFINITY)],
  ['false', 'f4', false],
  ['true', 'f5', true],
  ['null', 'f6', null],
  ['undefined', 'f7', undefined],
  ['simple(16)', 'f0', new CborSimple(16)],
  ['simple(255)', 'f8ff', new CborSimple(255)],
  [
    '0("2013-03-21T20:04:00Z")',
    'c074323031332d30332d32315432303a30343a30305a',
    new CborTag(0, '2013-03-21T20:04:00Z'),
  ],
  ['1(1363896240)', 'c11a514b67b0', new CborTag(1, 1363896240)],
  ['1(1363896240.5)', 'c1fb41d452d9ec200000', new CborTag(1, float(1363896240.5))],
  ["23(h'01020304')", 'd74401020304', new CborTag(23, bytes(1, 2, 3, 4))],
  ["24(h'6449455446')", 'd818456449455446', new CborTag(24, bytes(0x64, 0x49, 0x45, 0x54, 0x46))],
  [
    '32("http://www.example.com")',
    'd82076687474703a2f2f7777772e6578616d706c652e636f6d',
    new CborTag(32, 'http://www.example.com'),
  ],
  ["h''", '40', bytes()],
  ["h'01020304'", '4401020304', bytes(1, 2, 3, 4)],
  ['""', '60', ''],
  ['"a"', '6161', 'a'],
  ['"IETF"', '6449455446', 'IETF'],
  ['"\\"\\\\"', '62225c', '"\\'],
  ['"\\u00fc"', '62c3bc', '\u00fc'],
  ['"\\u6c34"', '63e6b0b4', '\u6c34'],
  ['"\\ud800\\udd51"', '64f0908591', '\ud800\udd51'],
  ['[]', '80', []],
  ['[1, 2, 3]', '83010203', [1, 2, 3]],
  ['[1, [2, 3], [4, 5]]', '8301820203820405', [1, [2, 3], [4, 5]]],
  ['[1, 2, 3, … 25]', '98190102030405060708090a0b0c0d0e0f101112131415161718181819', upTo25],
  ['{}', 'a0', map()],
  ['{1: 2, 3: 4}', 'a201020304', map([1, 2], [3, 4])],
  ['{"a": 1, "b": [2, 3]}', 'a26161016162820203', map(['a', 1], ['b', [2, 3]])],
  ['["a", {"b": "c"}]', '826161a161626163', ['a', map(['b', 'c'])]],
  [
    '{"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"}',
    'a56161614161626142616361436164614461656145',
    map(['a', 'A'], ['b', 'B'], ['c', 'C'], ['d', 'D'], ['e', 'E']),
  ],
];

const LOOSE: readonly (readonly [string, string, CborValue])[] = [
  ['Infinity', 'fa7f800000', float(Number.POSITIVE_INFINITY)],
  ['NaN', 'fa7fc00000', float(Number.NaN)],
  ['-Infinity', 'faff800000', float(Number.NEGATIVE_INFINITY)],
  ['Infinity', 'fb7ff0000000000000', float(Number.POSITIVE_INFINITY)],
  ['NaN', 'fb7ff8000000000000', float(Number.NaN)],
  ['-Infinity', 'fbfff0000000000000', float(Number.NEGATIVE_INFINITY)],
  ["(_ h'0102', h'030405')", '5f42010243030405ff', bytes(1, 2, 3, 4, 5)],
  ['(_ "strea", "ming")', '7f657374726561646d696e67ff', 'streaming'],
  ['[_ ]', '9fff', []],
  ['[_ 1, [2, 3], [_ 4, 5]]', '9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
  ['[_ 1, [2, 3], [4, 5]]', '9f01820203820405ff', [1, [2, 3], [4, 5]]],
  ['[1, [2, 3], [_ 4, 5]]', '83018202039f0405ff', [1, [2, 3], [4, 5]]],
  ['[1, [_ 2, 3], [4, 5]]', '83019f0203ff820405', [1, [2, 3], [4, 5]]],
  ['[_ 1, 2, 3, … 25]', '9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff', upTo25],
  ['{_ "a": 1, "b": [_ 2, 3]}', 'bf61610161629f0203ffff', map(['a', 1], ['b', [2, 3]])],
  ['["a", {_ "b": "c"}]', '826161bf61626163ff', ['a', map(['b', 'c'])]],
  ['{_ "Fun": true, "Amt": -2}', 'bf6346756ef563416d7421ff', map(['Fun', true], ['Amt', -2])],
];

const rows = (from: typeof LOOSE, loose: boolean): Example[] =>
  from.map(([diagnostic, hex, value]) => ({ diagnostic, hex, value, loose }));

/** The table. */
export const appendixA: readonly Example[] = [...rows(DETERMINISTIC, false), ...rows(LOOSE, true)];
