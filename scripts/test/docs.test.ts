import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileBlocks } from '../docs/blocks.ts';
import { commentProblems } from '../docs/comments.ts';
import { dependencyProblems } from '../docs/dependencies.ts';
import { errorProblems } from '../docs/errors.ts';
import { exportProblems } from '../docs/exports.ts';
import { linkProblems } from '../docs/links.ts';
import { type Page, readPages } from '../docs/pages.ts';
import { planted } from './plant.ts';

type Files = Readonly<Record<string, string | object>>;
type Check = (root: string, pages: readonly Page[]) => readonly string[];

const found = (files: Files, check: Check) => planted(files, (root) => check(root, readPages(root)));
const config = (name: string) => readFileSync(join(import.meta.dirname, '../..', name), 'utf8');
const CONFIGS = {
  'tsconfig.base.json': config('tsconfig.base.json'),
  'tsconfig.test.json': config('tsconfig.test.json'),
};

const CODES = `const FAILURES = {
  DENIED: { exit: 77, http: 403, kmip: 'X', retryable: false },
  UNAVAILABLE: { exit: 75, http: 503, kmip: 'X', retryable: true },
} as const;
`;
const DENIED = '## DENIED\nExit 77 · HTTP 403 · not retryable\n\nWords.\n\n';
const UNAVAILABLE = '## UNAVAILABLE\nExit 75 · HTTP 503 · retryable\n';
const errors = (page: string) =>
  found({ 'packages/hardkey/src/errors.ts': CODES, 'docs/errors.md': page }, errorProblems);

test('a section for every code and a code for every section passes', async () => {
  assert.deepEqual(await errors(DENIED + UNAVAILABLE), []);
});

test('a code without a section is found', async () => {
  assert.deepEqual(await errors(DENIED), ['docs/errors.md: no section for UNAVAILABLE']);
});

test('a section without a code is found', async () => {
  assert.deepEqual(await errors(`${DENIED}${UNAVAILABLE}\n## GONE\n`), [
    'docs/errors.md: GONE is not a code',
  ]);
});

test('a section with another exit status than the table is found', async () => {
  const said = await errors(DENIED.replace('77', '78') + UNAVAILABLE);
  assert.deepEqual(said, ['docs/errors.md: DENIED does not say "Exit 77 · HTTP 403 · not retryable"']);
});

const LIBRARY = {
  name: 'hardkey',
  exports: {
    '.': { '@hk/source': './src/index.ts' },
    './formats/a': { '@hk/source': './src/a.ts' },
    './package.json': './package.json',
  },
};
const exports = (page: string) =>
  found({ 'packages/hardkey/package.json': LIBRARY, 'docs/a.md': page }, exportProblems);

test('import paths and mentions that agree pass', async () => {
  assert.deepEqual(
    await exports('`hardkey` and `hardkey/formats/a`; @hardkey/cli, packages/hardkey/src'),
    [],
  );
});

test('an import path without a mention is found', async () => {
  assert.deepEqual(await exports('`hardkey`'), ['no page mentions hardkey/formats/a']);
});

test('a mention of a path that does not exist is found', async () => {
  const said = await exports('`hardkey`, `hardkey/formats/a`,\n`hardkey/formats/b`');
  assert.deepEqual(said, ['docs/a.md:2: hardkey/formats/b is not an import path']);
});

test('broken links, pictures and anchors are found; code is not prose', async () => {
  const page = [
    '[a](b.md) [b](b.md#some-words) [c](../README.md) [d](https://example.org)',
    '```md\n[x](nowhere.md)\n```',
    '[e](gone.md) ![f](gone.png) [g](b.md#gone)',
    '[h](../../outside.md)',
  ].join('\n');
  const files = { 'docs/a.md': page, 'docs/b.md': '## Some words!\n', 'README.md': '' };
  assert.deepEqual(await found(files, linkProblems), [
    'docs/a.md:5: gone.md does not exist',
    'docs/a.md:5: gone.png does not exist',
    'docs/a.md:5: b.md#gone names no heading',
    'docs/a.md:6: ../../outside.md leaves the repository',
  ]);
});

test('a block that does not compile is found at its line; no-check is counted', async () => {
  const page = [
    '# Title',
    '```ts\nconst good: number = 1;\n```',
    '```ts\nconst fine = 1;\nconst bad: number = "text";\n```',
    '```ts no-check\nnot even code\n```',
    '```ts maybe\nconst odd = 1;\n```',
  ].join('\n');
  const { problems, compiled, skipped } = await planted({ ...CONFIGS, 'docs/a.md': page }, (root) =>
    compileBlocks(root, readPages(root)),
  );
  assert.equal(compiled, 2);
  assert.equal(skipped, 2);
  assert.equal(problems.length, 2);
  assert.match(problems[0] ?? '', /^docs\/a\.md:12: unknown block option maybe/);
  assert.match(problems[1] ?? '', /^docs\/a\.md:7: error TS2322/);
});

test('an export without a doc comment is found, also behind re-exports', async () => {
  const said = await found(
    {
      'packages/hardkey/package.json': LIBRARY,
      'packages/hardkey/src/index.ts': "export * from './b.ts';\nexport { d as e, type F } from './c.ts';\n",
      'packages/hardkey/src/a.ts': "import { g } from './c.ts';\nexport { g };\n",
      'packages/hardkey/src/b.ts':
        '/** Said. */\nexport const a = 1;\n\n// Not said.\nexport const b = 2;\nconst own = 3;\n',
      'packages/hardkey/src/c.ts':
        '/** Said. */\nfunction d() {}\nexport interface F {}\nclass g {}\nexport { d, g };\n',
    },
    commentProblems,
  );
  assert.deepEqual(said, [
    'packages/hardkey/src/b.ts:5: b has no doc comment',
    'packages/hardkey/src/c.ts:3: F has no doc comment',
    'packages/hardkey/src/c.ts:4: g has no doc comment',
  ]);
});

test('a dependency without its line, a line without its dependency and a range are found', async () => {
  const files = {
    'package.json': { devDependencies: { a: '1.0.0', b: '^1.0.0' } },
    'packages/c/package.json': { peerDependencies: { d: '^1.0.0' } },
    'CONTRIBUTING.md': '- `a`: why.\n- `b`: why.\n- `gone`: why.\n',
  };
  assert.deepEqual(await found(files, dependencyProblems), [
    'CONTRIBUTING.md: no line for d',
    'CONTRIBUTING.md: gone is not a dependency',
    'package.json: b ^1.0.0 is not an exact version',
  ]);
});
