import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeHex, encodeHex } from '../../src/encoding/hex.ts';
import { malformedAt } from './failure.ts';

const refused = (text: string, offset: number): void => malformedAt(() => decodeHex(text), 'hex', offset);

test('the examples of RFC 4648 §10, in lower case', () => {
  strictEqual(encodeHex(new TextEncoder().encode('foobar')), '666f6f626172');
  deepStrictEqual(decodeHex('666F6F626172'), new TextEncoder().encode('foobar'));
  deepStrictEqual(decodeHex('666f6F626172'), new TextEncoder().encode('foobar'));
  deepStrictEqual(decodeHex(''), new Uint8Array());
});

test('a digit without its other half is MALFORMED at the end', () => {
  refused('0', 1);
  refused('00f', 3);
});

test('what is no digit is MALFORMED where it stands', () => {
  for (const text of ['g0', ' 0', '-1', '+1', '.5', '\u0663\u0663', 'Ａ0', '\n0', 'x0']) refused(text, 0);
  refused('0x10', 1);
  refused('00 0', 2);
  refused('0011\n', 4);
});

test('what is written is read back, and agrees with the runtime', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      strictEqual(encodeHex(bytes), Buffer.from(bytes).toString('hex'));
      deepStrictEqual(decodeHex(encodeHex(bytes)), Uint8Array.from(bytes));
    }),
  );
});
