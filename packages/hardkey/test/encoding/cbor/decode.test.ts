import { deepStrictEqual, doesNotThrow, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import {
  CborFloat,
  type CborLimits,
  CborReader,
  CborTag,
  decodeCbor,
  decodeCborEntries,
} from '../../../src/encoding/cbor/index.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { failureOf, malformedAt } from '../failure.ts';

const STRICT: CborLimits = { deterministic: true };
const decode = (hex: string, limits?: CborLimits): unknown =>
  decodeCbor(decodeHex(hex.replaceAll(' ', '')), limits);
const refused = (hex: string, offset: number, limits?: CborLimits): void =>
  malformedAt(() => decode(hex, limits), 'cbor', offset);
const tag = (major: number, info: number): string => encodeHex(Uint8Array.of((major << 5) | info));

test('nothing at all is MALFORMED at its end', () => refused('', 0));

test('bytes after the item are MALFORMED where they begin', () => {
  refused('00 00', 1);
  refused('82 01 02 f6', 3);
  malformedAt(() => decodeCborEntries(decodeHex('a0a0')), 'cbor', 1);
});

test('RFC 8949 Appendix F: reserved additional information is MALFORMED in every major type', () => {
  for (let major = 0; major < 8; major++)
    for (const info of [28, 29, 30]) refused(`82 00 ${tag(major, info)}`, 2);
});

test('RFC 8949 Appendix F: integers and tags have no indefinite length', () => {
  for (const major of [0, 1, 6]) refused(`81 ${tag(major, 31)} 00 ff`, 1);
});

test('RFC 8949 Appendix F: a simple value below 32 in two bytes is MALFORMED', () => {
  for (let value = 0; value < 32; value++) refused(`81 f8 ${encodeHex(Uint8Array.of(value))}`, 1);
  doesNotThrow(() => decode('f820'));
});

test('RFC 8949 Appendix F: a break that ends nothing is MALFORMED', () => {
  refused('ff', 0);
  refused('81 ff', 1);
  refused('82 00 ff', 2);
  refused('a1 ff 00', 1);
  refused('a1 00 ff', 2);
  refused('bf 00 ff', 2);
  refused('bf 00 00 00 ff', 4);
  refused('9f 81 ff', 2);
  refused('c0 ff', 1);
  refused('9f 82 9f 81 9f 9f ff ff ff ff', 9);
});

test('RFC 8949 Appendix F: the end of the input inside an item is MALFORMED at the end', () => {
  for (const hex of [
    '18',
    '19',
    '1a',
    '1b',
    '19 01',
    '1a 0102',
    '1b 01020304050607',
    '38',
    '58',
    '78',
    '98',
    'd8',
  ]) {
    refused(hex, hex.replaceAll(' ', '').length / 2);
  }
  for (const hex of ['f8', 'f900', 'fa0000', 'fb000000']) refused(hex, hex.length / 2);
  for (const hex of [
    '9f',
    '9f 01 02',
    'bf',
    'bf 01 02',
    '5f 41 00',
    '7f 61 61',
    'c0',
    '9f 80 00',
    '5f',
    '7f',
  ]) {
    refused(hex, hex.replaceAll(' ', '').length / 2);
  }
});

test('a length longer than the input is MALFORMED at its head, whatever its size', () => {
  for (const size of [
    '5801',
    '5903e8',
    '5a7fffffff',
    '5affffffff',
    '5b000000ffffffffff',
    '5bffffffffffffffff',
  ]) {
    refused(`81 ${size}`, 1);
    for (const major of [3, 4, 5]) {
      const first = encodeHex(Uint8Array.of((major << 5) | (Number.parseInt(size.slice(0, 2), 16) & 31)));
      refused(`81 ${first}${size.slice(2)}`, 1);
    }
  }
  refused('42 01', 0);
  refused('82 01', 0);
  refused('a1 01', 0);
  refused('a2 01 02 03', 0);
});

test('a string in chunks holds definite strings of its own type and nothing else', () => {
  for (let first = 0; first < 256; first++) {
    // A chunk, or the break.
    const isBytes = first === 0xff || first >> 5 === 2;
    const isText = first === 0xff || first >> 5 === 3;
    const hex = encodeHex(Uint8Array.of(first));
    if (!isBytes || first === 0x5f) refused(`5f ${hex} 00 00 ff`, 1);
    if (!isText || first === 0x7f) refused(`7f ${hex} 00 00 ff`, 1);
  }
  deepStrictEqual(decode('5f ff'), new Uint8Array());
  strictEqual(decode('7f 60 61 61 60 ff'), 'a');
});

test('every chunk of a text is text: a character may not go over two', () => {
  strictEqual(decode('7f 62 c3bc 60 ff'), 'ü');
  refused('7f 61 c3 61 bc ff', 1);
});

test('text that is not UTF-8 is MALFORMED at its head', () => {
  // A lone continuation, a cut sequence, an overlong slash, half a surrogate pair, above U+10FFFF.
  for (const text of ['6180', '61c3', '62c328', '62c0af', '63eda080', '64f4908080']) refused(`81 ${text}`, 1);
  const long = 'aa'.repeat(100).replaceAll('aa', '61');
  strictEqual(decode(`7864${long}`), 'a'.repeat(100));
  refused(`7865${long}ff`, 0);
  refused(`82 00 68 61616161616161ff`, 2);
});

test('text keeps a byte order mark and a zero character', () => {
  strictEqual(decode('63efbbbf'), '\ufeff');
  strictEqual(decode('63 61 00 62'), 'a\0b');
});

test('a map key twice is MALFORMED at the second', () => {
  refused('a2 01 00 01 00', 3);
  refused('a2 6161 00 6161 00', 4);
  refused('a2 f4 00 f4 00', 3);
  refused('a2 f7 00 f7 00', 3);
  refused('bf 01 00 02 00 01 00 ff', 5);
  refused('a1 00 a2 01 00 01 00', 5);
});

test('a map key twice is MALFORMED also when it is encoded differently', () => {
  refused('a2 01 00 1801 00', 3);
  refused('a2 01 00 1b0000000000000001 00', 3);
  refused('a2 20 00 3900 00 00', 3);
  refused('a2 6161 00 780161 00', 4);
  refused('a2 6161 00 7f6161ff 00', 4);
  refused('a2 4101 00 580101 00', 4);
  refused('a2 4101 00 5f4101ff 00', 4);
  refused('a2 f93c00 00 fa3f800000 00', 5);
  refused('a2 8101 00 9f01ff 00', 4);
  refused('a2 c101 00 d80101 00', 4);
  refused('a2 a201000200 00 a202000100 00', 7);
  refused('a2 1bffffffffffffffff 00 1bffffffffffffffff 00', 11);
});

test('keys of two kinds are two keys', () => {
  const map = decode('a6 01 00 6131 01 4101 02 f93c00 03 20 04 8101 05') as Map<unknown, unknown>;
  deepStrictEqual([...map.values()], [0, 1, 2, 3, 4, 5]);
  strictEqual(map.get(1), 0);
  strictEqual(map.get('1'), 1);
});

test('a map holds names that an object would trip over', () => {
  const map = decode(`a1 69 ${encodeHex(new TextEncoder().encode('__proto__'))} 01`) as Map<unknown, unknown>;
  deepStrictEqual([...map], [['__proto__', 1]]);
});

test('nesting is bounded: the first array, map or tag too many is MALFORMED', () => {
  for (const open of ['81', '9f', 'c1', 'a100', 'bf00']) {
    const step = open.length / 2;
    refused(`${open.repeat(17)}00`, 16 * step);
    refused(`${open.repeat(3)}00`, 2 * step, { depth: 2 });
  }
  doesNotThrow(() => decode(`${'81'.repeat(16)}00`));
  refused(`${'81'.repeat(16)}80`, 16);
  refused('80', 0, { depth: 0 });
  strictEqual(decode('00', { depth: 0 }), 0);
});

test('a hundred thousand levels are MALFORMED, not an overflow of the stack', () => {
  for (const open of ['81', '9f', 'c1', 'a1']) refused(open.repeat(100_000), 16);
});

test('items are counted over the whole input, with chunks, keys and tags', () => {
  refused('83 00 00 00', 3, { items: 3 });
  doesNotThrow(() => decode('83 00 00 00', { items: 4 }));
  refused('a1 00 00', 2, { items: 2 });
  refused('c0 00', 1, { items: 1 });
  refused('5f 40 40 40 ff', 3, { items: 3 });
  refused(`9f${'00'.repeat(20_000)}ff`, 10_000);
  malformedAt(() => decodeCborEntries(decodeHex('a10000'), { items: 2 }), 'cbor', 2);
});

test('where only the deterministic encoding is read, every other one is MALFORMED at its head', () => {
  const others = [
    '1817',
    '190017',
    '1900ff',
    '1a0000ffff',
    '1b00000000ffffffff',
    '3817',
    '3900ff',
    '5800',
    '7800',
    '9800',
    'b800',
    'd80100',
  ];
  const indefinite = ['5fff', '7fff', '9fff', 'bfff'];
  const floats = [
    'fa00000000',
    'fa3f800000',
    'fb3ff0000000000000',
    'fb47efffffe0000000',
    'f97e01',
    'f9fe00',
    'fa7fc00000',
    'fb7ff8000000000000',
  ];
  for (const hex of [...others, ...indefinite, ...floats]) {
    refused(`81 ${hex}`, 1, STRICT);
    doesNotThrow(() => decode(`81 ${hex}`));
  }
});

test('where only the deterministic encoding is read, map keys ascend by their bytes', () => {
  // RFC 8949 §4.2.1, its own example of the order: 10, 100, −1, "z", "aa", [100], [−1], false.
  const keys = ['0a', '1864', '20', '617a', '626161', '811864', '8120', 'f4'];
  const all = keys.map((key) => `${key}00`);
  doesNotThrow(() => decode(`a8 ${all.join('')}`, STRICT));
  for (let i = 1; i < keys.length; i++) {
    const swapped = [...all];
    [swapped[i - 1], swapped[i]] = [all[i] ?? '', all[i - 1] ?? ''];
    const offset = 1 + swapped.slice(0, i).join('').length / 2;
    refused(`a8 ${swapped.join('')}`, offset, STRICT);
    doesNotThrow(() => decode(`a8 ${swapped.join('')}`));
  }
  refused('a2 01 00 01 00', 3, STRICT);
});

test('integers are numbers where that is safe, and bigints beyond', () => {
  strictEqual(decode('1b001fffffffffffff'), Number.MAX_SAFE_INTEGER);
  strictEqual(decode('1b0020000000000000'), 2n ** 53n);
  strictEqual(decode('3b001ffffffffffffe'), Number.MIN_SAFE_INTEGER);
  strictEqual(decode('3b001fffffffffffff'), -(2n ** 53n));
  strictEqual(decode('1affffffff'), 2 ** 32 - 1);
  deepStrictEqual(decode('dbffffffffffffffff00'), new CborTag(2n ** 64n - 1n, 0));
});

test('every half-precision number is read as the double of it', () => {
  for (let bits = 0; bits < 0x1_0000; bits++) {
    const read = decodeCbor(Uint8Array.of(0xf9, bits >> 8, bits & 0xff)) as CborFloat;
    const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    if (exponent === 31)
      strictEqual(read.value, fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN);
    else
      strictEqual(
        read.value,
        sign * (exponent === 0 ? fraction / 2 ** 24 : 2 ** (exponent - 15) * (1 + fraction / 1024)),
      );
  }
});

test('entries tell where each value stands, byte for byte', () => {
  const bytes = decodeHex('bf 1801 8201f6 6161 fa3f800000 4102 a0 ff'.replaceAll(' ', ''));
  const entries = decodeCborEntries(bytes);
  const encodings = entries.map(({ start, end }) => encodeHex(bytes.subarray(start, end)));
  deepStrictEqual(encodings, ['8201f6', 'fa3f800000', 'a0']);
  deepStrictEqual(
    entries.map(({ key }) => key),
    [1, 'a', Uint8Array.of(2)],
  );
  deepStrictEqual(
    entries.map(({ value }) => value),
    [[1, null], new CborFloat(1), new Map()],
  );
});

test('entries are of a map: another item is MALFORMED, and so is a key twice', () => {
  for (const hex of ['00', '80', 'c1a0', 'f6'])
    malformedAt(() => decodeCborEntries(decodeHex(hex)), 'cbor', 0);
  malformedAt(() => decodeCborEntries(new Uint8Array()), 'cbor', 0);
  malformedAt(() => decodeCborEntries(decodeHex('a20100180100')), 'cbor', 3);
  malformedAt(() => decodeCborEntries(decodeHex('a202000100'), STRICT), 'cbor', 3);
  malformedAt(() => decodeCborEntries(decodeHex('a0'), { depth: 0 }), 'cbor', 0);
});

test('a reader goes from item to item and says where it is', () => {
  const reader = new CborReader(decodeHex('01a1020382040506'));
  strictEqual(reader.value(), 1);
  strictEqual(reader.offset, 1);
  deepStrictEqual(reader.entries(), [{ key: 2, value: 3, start: 3, end: 4 }]);
  malformedAt(() => reader.end(), 'cbor', 4);
  deepStrictEqual(reader.value(), [4, 5]);
  strictEqual(reader.value(), 6);
  reader.end();
  malformedAt(() => reader.value(), 'cbor', 8);
});

test('what a Buffer holds is read as plain byte arrays, at their place in a larger one', () => {
  const read = decodeCbor(Buffer.from('ffff824201026161ff', 'hex').subarray(2, 8)) as [Uint8Array, string];
  strictEqual(read[0].constructor, Uint8Array);
  deepStrictEqual(read, [Uint8Array.of(1, 2), 'a']);
});

test('a failure names the field it was given and quotes nothing', () => {
  const failure = failureOf(() => decodeCbor(decodeHex('6973656372657421ff'), { field: 'cwt' }));
  deepStrictEqual({ ...failure.details }, { field: 'cwt', offset: 0 });
  strictEqual(JSON.stringify(failure).includes('secret'), false);
});
