import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyIdNames, keyIdText } from '../../../src/core/trust/key-id.ts';
import { utf8 } from '../../../src/encoding/bytes.ts';

test('text stays as it is', () => {
  assert.equal(keyIdText('a\nb'), 'a\nb');
  assert.deepEqual(keyIdNames('kid'), ['kid']);
});

test('bytes are their text where it can be printed, and hexadecimal elsewhere', () => {
  assert.equal(keyIdText(utf8('clé-1')), 'clé-1');
  assert.equal(keyIdText(Uint8Array.of(0xc3, 0x28)), 'c328');
  assert.equal(keyIdText(utf8('a\u202eb')), '61e280ae62');
  assert.equal(keyIdText(Uint8Array.of(0)), '00');
  assert.equal(keyIdText(new Uint8Array()), '');
});

test('bytes stand for every text they could be written as', () => {
  assert.deepEqual(keyIdNames(utf8('kid')), ['kid', '6b6964', 'a2lk']);
});
