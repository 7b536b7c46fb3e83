import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKeyRef } from '../../src/core/key-ref.ts';
import { lately } from '../../src/core/lately.ts';

test('the one that has been kept longest is forgotten for one more', () => {
  const kept = lately<number>(2);
  assert.equal(kept.keep('a', 1), 1);
  kept.keep('b', 2);
  kept.keep('c', 3);
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => kept.get(name)),
    [undefined, 2, 3],
  );
});

test('a reference that was parsed lately is the same, and one that was refused is refused again', () => {
  assert.equal(parseKeyRef('hashivault://issuer'), parseKeyRef('hashivault://issuer'));
  for (let times = 0; times < 2; times++) {
    assert.throws(() => parseKeyRef('hashivault://issuer?token=s.secret'), { code: 'ARGUMENT_INVALID' });
  }
  for (let at = 0; at < 300; at++) parseKeyRef(`hashivault://issuer-${at}`);
  assert.equal(String(parseKeyRef('hashivault://issuer')), 'hashivault://issuer');
});
