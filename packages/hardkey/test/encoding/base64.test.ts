import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from '../../src/encoding/base64.ts';
import { utf8 } from '../../src/encoding/bytes.ts';
import { malformedAt } from './failure.ts';

const refused = (text: string, offset: number): void =>
  malformedAt(() => decodeBase64(text), 'base64', offset);
const refusedUrl = (text: string, offset: number): void =>
  malformedAt(() => decodeBase64url(text), 'base64url', offset);

test('the examples of RFC 4648 §10', () => {
  const texts = ['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy'];
  for (const [length, text] of texts.entries()) {
    const bytes = utf8('foobar'.slice(0, length));
    strictEqual(encodeBase64(bytes), text);
    deepStrictEqual(decodeBase64(text), bytes);
    strictEqual(encodeBase64url(bytes), text.replaceAll('=', ''));
    deepStrictEqual(decodeBase64url(text.replaceAll('=', '')), bytes);
  }
});

test('the two alphabets differ in two characters, and each refuses those of the other', () => {
  const bytes = Uint8Array.of(0xfb, 0xef, 0xff);
  strictEqual(encodeBase64(bytes), '++//');
  strictEqual(encodeBase64url(bytes), '--__');
  refused('--__', 0);
  refused('AA__', 2);
  refusedUrl('++//', 0);
  refusedUrl('AA//', 2);
});

test('padding is asked for in base64', () => {
  for (const text of ['A', 'AA', 'AAA', 'AAAAA', 'AA=', 'AAAA=', 'AAA==', '=']) refused(text, text.length);
});

test('padding is refused in base64url', () => {
  refusedUrl('Zg==', 2);
  refusedUrl('Zm8=', 3);
});

test('a base64url text of one character too many is MALFORMED at its end', () => {
  refusedUrl('A', 1);
  refusedUrl('AAAAA', 5);
});

test('padding anywhere but at the end, or too much of it, is MALFORMED', () => {
  refused('====', 0);
  refused('A===', 1);
  refused('AA=A', 2);
  refused('=AAA', 0);
  refused('AA==AAAA', 2);
  refused('AAAA====', 4);
  refused('AAAAA===', 5);
});

test('RFC 4648 §3.5: bits left over are zero', () => {
  refused('Zh==', 1);
  refused('Zm9=', 2);
  refusedUrl('Zh', 1);
  refusedUrl('Zm9', 2);
});

test('RFC 4648 §3.3: every character outside the alphabet is MALFORMED where it stands', () => {
  for (let code = 0; code < 0x200; code++) {
    const character = String.fromCharCode(code);
    if (/[A-Za-z0-9]/.test(character)) continue;
    if (!'+/='.includes(character)) refused(`AA${character}A`, 2);
    if (!'-_'.includes(character)) refusedUrl(`AA${character}A`, 2);
  }
  refused('AAAA\nAAA', 4);
});

test('both agree with the runtime, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      strictEqual(encodeBase64(bytes), Buffer.from(bytes).toString('base64'));
      strictEqual(encodeBase64url(bytes), Buffer.from(bytes).toString('base64url'));
      deepStrictEqual(decodeBase64(encodeBase64(bytes)), Uint8Array.from(bytes));
      deepStrictEqual(decodeBase64url(encodeBase64url(bytes)), Uint8Array.from(bytes));
    }),
  );
});

test('a text has one reading: what is accepted is what is written of it', () => {
  const unit = fc.constantFrom('A', 'B', 'Q', 'f', 'g', 'w', '=');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
      let bytes: Uint8Array;
      try {
        bytes = decodeBase64(text);
      } catch {
        return;
      }
      strictEqual(encodeBase64(bytes), text);
    }),
    { numRuns: 2000 },
  );
});
