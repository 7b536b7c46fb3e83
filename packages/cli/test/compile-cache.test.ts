import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';

const PACKAGE = join(import.meta.dirname, '..');
const BIN = join(PACKAGE, 'bin/hardkey.cjs');
const unbuilt = existsSync(join(PACKAGE, 'dist/main.js')) ? undefined : 'npm run build';
const skip = unbuilt ?? false;
const node22 = component('node-22');

/** A home, the command in it, and the folder where it keeps what was compiled. */
function home(t: TestContext, node: string = process.execPath) {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-home-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const run = (env: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync(node, [BIN, 'completion', 'bash'], {
      encoding: 'utf8',
      env: { HOME: folder, ...env },
    });
    assert.deepEqual([status, stderr], [0, '']);
    return stdout;
  };
  const cache = join(folder, '.cache/hardkey/compiled');
  return { folder, cache, run, kept: () => (existsSync(cache) ? readdirSync(cache).length : undefined) };
}

for (const [name, { path, missing }] of Object.entries({
  'this Node': { path: process.execPath, missing: undefined },
  'the oldest Node': node22,
}))
  test(`${name} keeps what it compiled from the second call on, for its user alone`, {
    skip: unbuilt ?? missing ?? false,
  }, (t) => {
    const { cache, run, kept } = home(t, path);
    const first = run();
    assert.equal(kept(), 0);
    assert.equal(statSync(cache).mode & 0o777, 0o700);
    assert.equal(run(), first);
    assert.equal(kept(), 1);
    assert.equal(run(), first);
  });

test('$XDG_CACHE_HOME says where, when it is absolute', { skip }, (t) => {
  const { folder, run, kept } = home(t);
  for (let calls = 0; calls < 2; calls++) run({ XDG_CACHE_HOME: join(folder, 'elsewhere') });
  assert.equal(kept(), undefined);
  assert.equal(readdirSync(join(folder, 'elsewhere/hardkey/compiled')).length, 1);
  run({ XDG_CACHE_HOME: 'relative' });
  assert.equal(kept(), 0);
});

test('nothing is kept where Node.js is told to keep nothing, or to keep it elsewhere', { skip }, (t) => {
  const { folder, run, kept } = home(t);
  for (const env of [{ NODE_DISABLE_COMPILE_CACHE: '1' }, { NODE_COMPILE_CACHE: join(folder, 'node') }]) {
    for (let calls = 0; calls < 2; calls++) run(env);
    assert.equal(kept(), undefined);
  }
});

for (const [name, open] of [
  ['others can read', (cache) => chmodSync(cache, 0o750)],
  ['others can write to', (cache) => chmodSync(cache, 0o720)],
  ['stands in one that others can write to', (cache) => chmodSync(join(cache, '..'), 0o777)],
  ['stands in a home that a group can write to', (cache) => chmodSync(join(cache, '../../..'), 0o770)],
] as const satisfies readonly (readonly [string, (cache: string) => void])[])
  test(`a folder that ${name} is not used`, { skip }, (t) => {
    const { cache, run, kept } = home(t);
    run();
    open(cache);
    run();
    assert.equal(kept(), 0);
  });

const isRoot = process.geteuid?.() === 0;
for (const [name, level] of [
  ['is', '.'],
  ['stands in one that is', '..'],
] as const)
  test(`a folder that ${name} another user's is not used`, {
    skip: unbuilt ?? (isRoot ? false : 'only root can give a folder away'),
  }, (t) => {
    const { cache, run, kept } = home(t);
    run();
    chownSync(join(cache, level), 12_345, 12_345);
    run();
    assert.equal(kept(), 0);
  });

test('where no folder can be made the command runs without', { skip }, (t) => {
  const { run, kept } = home(t);
  for (const XDG_CACHE_HOME of ['/dev/null', '/proc/nowhere']) run({ XDG_CACHE_HOME });
  assert.equal(kept(), undefined);
});
