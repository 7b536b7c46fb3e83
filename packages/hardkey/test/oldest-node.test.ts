import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';

const ROOT = join(import.meta.dirname, '../../..');
const node22 = component('node-22');
const skip = node22.missing ?? false;

/** Programs of their own, which begin to work as they are read: their text is checked alone. */
const PROGRAMS: readonly string[] = ['process', 'thread'].map(
  (name) => `packages/hardkey/src/providers/pkcs11/worker/${name}.ts`,
);

/** Runs a program on the source, under the oldest Node that is supported. */
function run(...program: readonly string[]) {
  const args = ['--conditions=@hk/source', '--no-warnings', ...program];
  const { status, stdout, stderr } = spawnSync(node22.path, args, { cwd: ROOT, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the oldest Node that is supported reads every module of the library as it is written', { skip }, () => {
  for (const program of PROGRAMS) assert.equal(run('--check', program).stderr, '');
  const modules = globSync('packages/hardkey/src/**/*.ts', { cwd: ROOT, exclude: [...PROGRAMS] });
  assert.ok(modules.length > 100);
  const imports = modules.map((module) => `await import('./${module}');`).join('\n');
  assert.deepEqual(run('--input-type=module', '--eval', `${imports}\nconsole.log(process.version)`), {
    status: 0,
    stdout: 'v22.18.0\n',
    stderr: '',
  });
});

test('keys in memory and in a folder, encryption and credentials work on it', { skip }, () => {
  const { status, stdout, stderr } = run(join(ROOT, 'scripts/pack/program.ts'));
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^\d+ import paths, keys and credentials work on Node v22\.18\.0\n$/);
});
