import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { component } from '../components/index.ts';
import { vectors } from '../components/vectors.ts';
import { planted } from './plant.ts';

const KEPT = { ...process.env };
afterEach(() => {
  process.env = { ...KEPT };
});

test('a missing component says how to install it, and throws where all are required', () => {
  delete process.env['HARDKEY_REQUIRE_COMPONENTS'];
  process.env['PATH'] = '/nowhere';
  assert.equal(
    component('zbarimg').missing,
    'zbarimg is not installed (Debian package zbar-tools): npm run components',
  );
  process.env['HARDKEY_REQUIRE_COMPONENTS'] = '1';
  assert.throws(() => component('zbarimg'), /npm run components/);
});

test('a component that is there is a path and no reason to skip', () =>
  planted({ 'bin/zbarimg': '' }, (root) => {
    chmodSync(join(root, 'bin/zbarimg'), 0o755);
    process.env['PATH'] = `/nowhere:${root}/bin`;
    assert.deepEqual(component('zbarimg'), { path: `${root}/bin/zbarimg` });
  }));

test('missing vectors say which variable leads to them, and throw where all are required', () =>
  planted({ 'a/b.json': '' }, (root) => {
    delete process.env['HARDKEY_REQUIRE_COMPONENTS'];
    process.env['HARDKEY_VECTORS'] = root;
    assert.deepEqual(vectors('a/b.json'), { path: `${root}/a/b.json` });
    assert.match(vectors('gone').missing ?? '', /set HARDKEY_VECTORS/);
    process.env['HARDKEY_REQUIRE_COMPONENTS'] = '1';
    assert.throws(() => vectors('gone'), /HARDKEY_VECTORS/);
  }));
