import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase45, encodeBase45 } from '../../src/encoding/base45.ts';
import { utf8 } from '../../src/encoding/bytes.ts';
import { malformedAt } from './failure.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const refused = (text: string, offset: number): void =>
  malformedAt(() => decodeBase45(text), 'base45', offset);

test('the examples of RFC 9285 §4.3 and §4.4', () => {
  const examples = [
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
  ] as const;
  for (const [plain, text] of examples) {
    strictEqual(encodeBase45(utf8(plain)), text);
    deepStrictEqual(decodeBase45(text), utf8(plain));
  }
});

test('the edges: nothing, one byte, the largest of one and of two', () => {
  for (const [bytes, text] of [
    [[], ''],
    [[0], '00'],
    [[255], 'U5'],
    [[0, 0], '000'],
    [[255, 255], 'FGW'],
    [[255, 255, 255], 'FGWU5'],
  ] as const) {
    strictEqual(encodeBase45(Uint8Array.from(bytes)), text);
    deepStrictEqual(decodeBase45(text), Uint8Array.from(bytes));
  }
});

test('RFC 9285 §6: a group of three above 65,535 is MALFORMED where it begins', () => {
  refused('GGW', 0);
  refused('FGWGGW', 3);
  refused(':::', 0);
  refused('000:::00', 3);
});

test('a group of two above 255 is MALFORMED where it begins', () => {
  refused('V5', 0);
  refused('::', 0);
  refused('FGWV5', 3);
});

test('a text that ends after one character of a group is MALFORMED at its end', () => {
  refused('0', 1);
  refused('FGW0', 4);
});

test('nothing of one text is read in the place of another one’s last character, however long they are', () => {
  for (const length of [3, 4293, 4296, 4299, 16_383]) {
    const text = '0'.repeat(length);
    strictEqual(decodeBase45(text).length, (length / 3) * 2);
    for (const character of ['é', '€', '\ud800']) refused(text.slice(1) + character, length - 1);
  }
});

test('every character outside the alphabet is MALFORMED where it stands', () => {
  for (let code = 0; code < 0x300; code++) {
    const character = String.fromCharCode(code);
    if (ALPHABET.includes(character)) continue;
    refused(`${character}00`, 0);
    refused(`0${character}0`, 1);
    refused(`00${character}`, 2);
    refused(`000${character}0`, 3);
    refused(`0000${character}`, 4);
  }
  refused('0\u{1f600}', 1);
  refused('000000\n0', 6);
});

test('lower case is not upper case, and nothing is trimmed', () => {
  refused('bb8', 0);
  refused('BB8\n00', 3);
  strictEqual(decodeBase45(' 00').length, 2);
});

test('what is written is read back, in the alphabet, at three characters for two bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const text = encodeBase45(bytes);
      deepStrictEqual(decodeBase45(text), Uint8Array.from(bytes));
      strictEqual(text.length, Math.ceil((bytes.length * 3) / 2));
      strictEqual(
        [...text].every((character) => ALPHABET.includes(character)),
        true,
      );
    }),
  );
});

test('a text has one reading: what is accepted is what is written of it', () => {
  const characters = fc.constantFrom(...ALPHABET);
  fc.assert(
    fc.property(fc.string({ unit: characters, maxLength: 12 }), (text) => {
      let bytes: Uint8Array;
      try {
        bytes = decodeBase45(text);
      } catch {
        return;
      }
      strictEqual(encodeBase45(bytes), text);
    }),
    { numRuns: 2000 },
  );
});
