import assert from 'node:assert/strict';
import { test } from 'node:test';

test('the tests run on the Node that the repository installs, whatever is on PATH', () => {
  assert.match(process.version, /^v24\./);
});
