import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockProblems } from '../check-lock.ts';
import { planted } from './plant.ts';

const GOOD = {
  '': { version: '1.0.0' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-AA==' },
  'node_modules/b': { resolved: 'packages/b', link: true },
};
const HOST = ['registry', 'example', 'org'].join('.');

function problems(packages: object, text = ''): Promise<readonly string[]> {
  const files = { 'package-lock.json': { packages }, 'notes.md': text };
  return planted(files, (root) => lockProblems(root, ['notes.md']));
}

test('hashes without addresses pass', async () => {
  assert.deepEqual(await problems(GOOD), []);
});

test('an address is found', async () => {
  const a = { ...GOOD['node_modules/a'], resolved: `https://${HOST}/a.tgz` };
  assert.deepEqual(await problems({ ...GOOD, 'node_modules/a': a }), [
    'package-lock.json: node_modules/a has an address',
  ]);
});

test('a package without a hash is found', async () => {
  assert.deepEqual(await problems({ ...GOOD, 'node_modules/c': { version: '1.0.0' } }), [
    'package-lock.json: node_modules/c has no hash',
  ]);
});

test('the host of a registry is found in any file', async () => {
  assert.deepEqual(await problems(GOOD, `\nfrom ${HOST}`), ['notes.md:2: names a package registry']);
});
