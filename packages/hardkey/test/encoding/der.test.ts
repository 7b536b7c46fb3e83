import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DerReader, der, derBits, derOid, derTag, derUnsigned } from '../../src/encoding/der.ts';
import { decodeHex, encodeHex } from '../../src/encoding/hex.ts';
import { malformedAt } from './failure.ts';

const reader = (hex: string): DerReader => new DerReader(decodeHex(hex.replaceAll(' ', '')));
const refused = (action: (from: DerReader) => unknown, hex: string, offset = 0): void =>
  malformedAt(() => action(reader(hex)), 'der', offset);

test('an element is read with every size of length, and only the smallest that fits', () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
    const contents = new Uint8Array(length).fill(5);
    const encoding = der(derTag.octetString, contents);
    const from = new DerReader(encoding);
    deepStrictEqual(from.read(derTag.octetString), contents);
    strictEqual(from.done, true);
    from.end();
  }
  const octets = (from: DerReader): unknown => from.read(derTag.octetString);
  refused(octets, '04 8101 00');
  refused(octets, '04 820001 00');
  refused(octets, `04 8200 80 ${'00'.repeat(128)}`);
  refused(octets, `04 8300 0100 ${'00'.repeat(256)}`);
  refused(octets, `04 84000000 80 ${'00'.repeat(128)}`);
});

test('a length that is indefinite, reserved or larger than four bytes is MALFORMED', () => {
  for (const length of ['80', 'ff', '8500000000 01', '88ffffffffffffffff']) {
    refused((from) => from.read(derTag.octetString), `04 ${length} 00 0000`);
  }
});

test('an element longer than the input is MALFORMED where it begins', () => {
  for (const hex of [
    '04',
    '0401',
    '0402 00',
    '0481',
    '048180',
    '0482ffff',
    '0484ffffffff 00',
    '04847fffffff',
  ]) {
    refused((from) => from.read(derTag.octetString), hex);
  }
});

test('another tag, or none, is MALFORMED', () => {
  refused((from) => from.read(derTag.octetString), '');
  refused((from) => from.read(derTag.octetString), '0300');
  strictEqual(reader('').tag, -1);
  strictEqual(reader('30').tag, 0x30);
});

test('a failure inside elements inside elements has its offset in the whole input', () => {
  const inner = (): DerReader => reader('3009 0401aa 3004 0500 0201').enter();
  const nested = inner();
  nested.read(derTag.octetString);
  const deepest = nested.enter();
  deepest.read(derTag.null);
  malformedAt(() => deepest.unsigned(), 'der', 9);
  malformedAt(() => inner().end(), 'der', 2);
});

test('bytes after the end are MALFORMED where they begin', () => {
  const from = reader('0500 00');
  from.read(derTag.null);
  malformedAt(() => from.end(), 'der', 2);
});

test('X.690 §8.8: a null is empty', () => {
  deepStrictEqual(reader('0500').read(derTag.null), new Uint8Array());
  refused((from) => from.read(derTag.null), '0501 00');
});

test('X.690 §8.3: an unsigned integer is not empty, not negative, and minimal', () => {
  strictEqual(encodeHex(reader('020100').unsigned()), '00');
  strictEqual(encodeHex(reader('02017f').unsigned()), '7f');
  strictEqual(encodeHex(reader('02020080').unsigned()), '80');
  strictEqual(encodeHex(reader('02020100').unsigned()), '0100');
  for (const hex of ['0200', '020180', '0201ff', '0202ff00', '02020000', '0202007f', '0203000080']) {
    refused((from) => from.unsigned(), hex);
  }
});

test('a bit string is of whole bytes', () => {
  strictEqual(encodeHex(reader('0303 00 aabb').bits()), 'aabb');
  strictEqual(encodeHex(reader('0301 00').bits()), '');
  for (const hex of ['0300', '0302 01 80', '0302 07 80', '0302 08 00']) refused((from) => from.bits(), hex);
});

test('X.690 §8.19: an object identifier has one encoding', () => {
  // X.690 §8.19.5, its example, and both ends of the first two arcs.
  const examples = [
    ['0603883703', '2.999.3'],
    ['06032a8648', '1.2.840'],
    ['060100', '0.0'],
    ['060127', '0.39'],
    ['060128', '1.0'],
    ['06014f', '1.39'],
    ['060150', '2.0'],
    ['06082a8648ce3d030107', '1.2.840.10045.3.1.7'],
    ['0609608648016503040312', '2.16.840.1.101.3.4.3.18'],
  ] as const;
  for (const [hex, text] of examples) {
    strictEqual(reader(hex).oid(), text);
    strictEqual(encodeHex(derOid(text)), hex);
  }
  // Empty; a padded arc, first or later; an arc without its end; an arc above 2^53.
  for (const hex of ['0600', '06028001', '06032a8001', '06022a86', '060180', '060a2affffffffffffffff7f']) {
    refused((from) => from.oid(), hex);
  }
});

test('what is read of a Buffer is a plain array', () => {
  const from = new DerReader(Buffer.from('30040402aabb', 'hex')).enter();
  strictEqual(from.read(derTag.octetString).constructor, Uint8Array);
});

test('what is written is read back', () => {
  const arrays = fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes));
  fc.assert(
    fc.property(arrays, arrays, fc.array(fc.nat(2 ** 31 - 1), { maxLength: 6 }), (magnitude, bits, arcs) => {
      const oid = ['1.3', ...arcs].join('.');
      const from = new DerReader(
        der(derTag.sequence, derUnsigned(magnitude), derBits(bits), derOid(oid)),
      ).enter();
      strictEqual(BigInt(`0x${encodeHex(from.unsigned())}`), BigInt(`0x0${encodeHex(magnitude)}`));
      deepStrictEqual(from.bits(), bits);
      strictEqual(from.oid(), oid);
      from.end();
    }),
  );
});
