import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJsonObject } from '../../../src/core/trust/strict-json.ts';
import { failsWith } from '../../support/failures.ts';

test('every JSON object is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object);
      assert.deepEqual(parseJsonObject(text, 'x'), JSON.parse(text));
    }),
  );
});

test('a member that is there twice is MALFORMED, at any depth and however it is written', () => {
  const field = { field: 'x' };
  for (const [text, offset] of [
    ['{"a":1,"a":2}', 7],
    ['{"a":[{"b":"}","c":{},"b":1}]}', 22],
    ['{"a":1, "\\u0061" : 2}', 8],
    ['{"":{},"":{}}', 7],
    ['{"__proto__":1,"__proto__":2}', 15],
  ] as const) {
    assert.throws(() => parseJsonObject(text, 'x'), failsWith('MALFORMED', { ...field, offset }));
  }
});

test('the same name in two objects, or as a value, is no repetition', () => {
  for (const text of [
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}',
    '{"a":"a","b":["a","a",":"]}',
    '{"a":"\\",\\"a\\":"}',
  ]) {
    assert.deepEqual(parseJsonObject(text, 'x'), JSON.parse(text));
  }
});

test('what is not a JSON object is MALFORMED', () => {
  for (const text of ['', '[]', 'null', '1', '{', '{"a":1}}', '{a:1}', '\ufeff{}']) {
    assert.throws(() => parseJsonObject(text, 'x'), failsWith('MALFORMED', { field: 'x' }));
  }
});

test('a string of any length is read, with escapes and without', () => {
  for (const unit of ['A', '\\n']) {
    const text = `{"a":"${unit.repeat(12_000_000 / unit.length)}","b":1}`;
    assert.equal(parseJsonObject(text, 'x')['b'], 1);
  }
});
