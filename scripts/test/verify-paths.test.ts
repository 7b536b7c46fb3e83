import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyPaths } from '../check-verify-paths.ts';
import { planted } from './plant.ts';

const SRC = 'packages/hardkey/src';
const BASE = {
  'packages/hardkey/package.json': {
    name: 'hardkey',
    type: 'module',
    imports: {
      '#crypto': {
        '@hk/source': { node: './src/core/crypto/node.ts', default: './src/core/crypto/web.ts' },
      },
    },
  },
  [`${SRC}/core/crypto/node.ts`]: "import 'node:crypto'; export const by = 'node';",
  [`${SRC}/core/crypto/web.ts`]: "export const by = 'web';",
  [`${SRC}/core/verify.ts`]: "export { by } from '#crypto';",
};

function problems(files: Record<string, string>): Promise<readonly string[]> {
  return planted({ ...BASE, ...files }, async (root) =>
    (await verifyPaths(root)).flatMap((path) => path.problems),
  );
}

test('the browser branch of #crypto is walked, and passes', async () => {
  const [path] = await planted(BASE, verifyPaths);
  assert.deepEqual(path, { entry: `${SRC}/core/verify.ts`, modules: 2, packages: [], problems: [] });
});

test('type imports reach nothing', async () => {
  const entry = {
    [`${SRC}/formats/a/verify.ts`]: "import type { A } from '../../unsafe/index.ts'; export const a = 1;",
  };
  assert.deepEqual(await problems(entry), []);
});

test('npm packages are walked and named', async () => {
  const entry = { [`${SRC}/formats/a/verify.ts`]: "export { decode } from 'cborg';" };
  const found = await planted({ ...BASE, ...entry }, verifyPaths);
  assert.deepEqual(found.at(-1)?.packages, ['cborg']);
  assert.deepEqual(found.at(-1)?.problems, []);
});

test('node: behind another module is found, with the way to it', async () => {
  const found = await problems({
    [`${SRC}/formats/a/verify.ts`]: "export * from './b.ts';",
    [`${SRC}/formats/a/b.ts`]: "import { readFileSync } from 'node:fs'; export const b = readFileSync;",
  });
  assert.deepEqual(found, ['reachable by verification: formats/a/verify.ts → formats/a/b.ts → node:fs']);
});

test('a lazy import counts', async () => {
  const found = await problems({ [`${SRC}/core/trust/a.ts`]: "export const a = () => import('node:fs');" });
  assert.match(found[0] ?? '', /core\/trust\/a\.ts → node:fs$/);
});

test('a built-in without its prefix is found', async () => {
  const found = await problems({
    [`${SRC}/formats/a/verify.ts`]: "import { x } from 'fs'; export const a = x;",
  });
  assert.match(found[0] ?? '', /formats\/a\/verify\.ts: .*"fs"/s);
});

for (const part of ['core/software/sign', 'unsafe/index', 'providers/memory/index'])
  test(`${part} is found`, async () => {
    const found = await problems({
      [`${SRC}/formats/a/verify.ts`]: `export * from '../../${part}.ts';`,
      [`${SRC}/${part}.ts`]: 'export const a = 1;',
    });
    assert.deepEqual(found, [`reachable by verification: formats/a/verify.ts → ${part}.ts`]);
  });
