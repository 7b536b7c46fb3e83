import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKeyRef } from 'hardkey';
import { wholeKey } from 'hardkey/key-manager';

for (const [ref, whole] of [
  ['file:issuer?version=2', 'file:issuer'],
  ['hashivault://k?version=12', 'hashivault://k'],
  ['hashivault://k?mount=t&version=2', 'hashivault://k?mount=t'],
  ['openbao://k?version=2&context=a', 'openbao://k?context=a'],
  ['hashivault://k?mount=t&version=2&context=a', 'hashivault://k?mount=t&context=a'],
  ['memory:issuer', 'memory:issuer'],
] as const) {
  test(`the whole key of ${ref} is ${whole}`, () => {
    assert.equal(wholeKey(parseKeyRef(ref)), whole);
    parseKeyRef(whole);
  });
}
