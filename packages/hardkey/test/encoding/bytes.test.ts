import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compareBytes,
  concat,
  equalBytes,
  fromUtf8,
  join,
  ownBytes,
  utf8,
  viewOf,
} from '../../src/encoding/bytes.ts';
import { failureOf } from './failure.ts';

const arrays = fc.uint8Array({ maxLength: 20 }).map((bytes) => Uint8Array.from(bytes));

test('text goes to UTF-8 and back, with its byte order mark', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => strictEqual(fromUtf8(utf8(text)), text)));
  strictEqual(fromUtf8(utf8('\ufeffa')), '\ufeffa');
});

test('bytes that are not UTF-8 are MALFORMED, under the field that was given', () => {
  const failure = failureOf(() => fromUtf8(Uint8Array.of(0xc3, 0x28), 'jwk'));
  deepStrictEqual([failure.code, failure.details], ['MALFORMED', { field: 'jwk' }]);
  deepStrictEqual(failureOf(() => fromUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).details, {});
});

test('joining keeps order and length', () => {
  fc.assert(
    fc.property(fc.array(arrays), (parts) => {
      deepStrictEqual(concat(...parts), Uint8Array.from(parts.flatMap((part) => [...part])));
      deepStrictEqual(join(parts), concat(...parts));
    }),
  );
  strictEqual(join(Array.from({ length: 300_000 }, () => Uint8Array.of(1))).length, 300_000);
});

test('order is that of Buffer.compare, and equality is its zero', () => {
  fc.assert(
    fc.property(arrays, arrays, (a, b) => {
      strictEqual(Math.sign(compareBytes(a, b)), Buffer.compare(a, b));
      strictEqual(equalBytes(a, b), Buffer.compare(a, b) === 0);
      strictEqual(equalBytes(a, Uint8Array.from(a)), true);
    }),
  );
  strictEqual(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0)) < 0, true);
});

test('a view shares the bytes, and own bytes do not; neither is a Buffer', () => {
  const buffer = Buffer.from([1, 2, 3, 4]);
  const view = viewOf(buffer, 1, 3);
  const own = ownBytes(buffer);
  buffer[1] = 9;
  deepStrictEqual(view, Uint8Array.of(9, 3));
  deepStrictEqual(own, Uint8Array.of(1, 2, 3, 4));
  strictEqual(own.buffer.byteLength, 4);
});
