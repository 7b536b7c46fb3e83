import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { scanFor } from '../../src/conformance/scan.ts';

const MARK = 'a secret / of 26 characters';

test('a secret is found in whatever form and place it shows', () => {
  const scan = scanFor(MARK, inspect);
  scan.control();
  for (const value of [
    `x${Buffer.from(`xy${MARK}z`).toString('base64url')}`,
    { deep: [{ deeper: new Map([['a', Buffer.from(MARK)]]) }] },
    Buffer.from(MARK).toString('hex').toUpperCase(),
    new Error('outer', { cause: [...Buffer.from(MARK)].join(', ') }),
  ]) {
    assert.ok(scan.finds(value), inspect(value));
  }
});

test('nothing is found where nothing is', () => {
  const scan = scanFor(MARK, inspect);
  const looped: Record<string, unknown> = { text: MARK.slice(0, -1) };
  looped['self'] = looped;
  for (const value of [undefined, null, '', MARK.slice(1), looped, Buffer.from('another secret')]) {
    assert.equal(scan.finds(value), false, inspect(value));
  }
});

test('a scan that could not find the secret fails its own control', () => {
  assert.throws(() => scanFor(MARK, () => 'Error: [redacted]').control(), /`inspect` does not print/);
  assert.throws(() => scanFor(MARK, () => MARK).control(), /where there is none/);
  assert.throws(() => scanFor('short'), /at least 8 characters/);
});
