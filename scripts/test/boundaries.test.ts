import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { boundaryProblems } from '../check-boundaries.ts';
import { planted } from './plant.ts';

const TABLE = readFileSync(join(import.meta.dirname, '../../docs/architecture.md'), 'utf8');
const LIBRARY = { name: 'hardkey', exports: { '.': {}, './formats/cose': {} } };
const COMMAND = { name: '@hardkey/cli', exports: {}, dependencies: { hardkey: '1', qr: '1' } };

/** What the check says about source files planted in an otherwise empty workspace, under a table. */
function problems(files: Record<string, string>, table = TABLE): Promise<readonly string[]> {
  const workspace = {
    'docs/architecture.md': table,
    'packages/hardkey/package.json': LIBRARY,
    'packages/cli/package.json': COMMAND,
  };
  const sources = Object.fromEntries(Object.entries(files).map(([file, text]) => [`packages/${file}`, text]));
  return planted({ ...workspace, ...sources }, boundaryProblems);
}

const REFUSED: readonly (readonly [string, string, string])[] = [
  [
    'a format that imports a provider',
    'hardkey/src/formats/cose/a.ts',
    "import '../../providers/file/index.ts';",
  ],
  ['a format that imports software keys', 'hardkey/src/formats/cose/a.ts', "import '#software';"],
  [
    'a format that builds on a higher one',
    'hardkey/src/formats/cose/a.ts',
    "export * from '../cwt/index.ts';",
  ],
  ['a provider that imports another', 'hardkey/src/providers/file/a.ts', "import '../memory/index.ts';"],
  [
    'a provider of a service that imports software keys',
    'hardkey/src/providers/gcp-kms/a.ts',
    "import '../../core/software/key.ts';",
  ],
  ['a lazy import of a provider', 'hardkey/src/core/a.ts', "await import('../providers/file/index.ts');"],
  ['a type import of a provider', 'hardkey/src/core/a.ts', "type A = import('../providers/file/a.ts').A;"],
  ['a computed import', 'hardkey/src/core/a.ts', 'await import(String(1));'],
  ['node: in core', 'hardkey/src/core/a.ts', "import type { X } from 'node:fs';"],
  ['a built-in that is taken', 'hardkey/src/core/a.ts', "process.getBuiltinModule('node:fs');"],
  ['a built-in without its prefix', 'hardkey/src/encoding/a.ts', "import 'fs';"],
  ['node: in the web half', 'hardkey/src/core/crypto/web.ts', "import 'node:crypto';"],
  ['the node half by path', 'hardkey/src/core/a.ts', "import './crypto/node.ts';"],
  ['a package that no row names', 'hardkey/src/encoding/a.ts', "import 'cborg';"],
  ['a named package that is not declared', 'hardkey/src/core/a.ts', "import '@peculiar/asn1-x509';"],
  ['a path out of the package', 'cli/src/a.ts', "import '../../hardkey/src/index.ts';"],
  ['a subpath that is not public', 'cli/src/a.ts', "import 'hardkey/core/key';"],
  ['a library that the command does not declare', 'cli/src/a.ts', "import 'pngjs';"],
  ['a part without a row', 'hardkey/src/helpers/a.ts', ''],
];

for (const [what, file, text] of REFUSED)
  test(`${what} is refused`, async () => {
    const found = await problems({ [file]: text });
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', new RegExp(`^packages/${file}(:1)?: `));
  });

test('what the table allows passes', async () => {
  const allowed = {
    'hardkey/src/errors.ts': '',
    'hardkey/src/core/a.ts': "import '../errors.ts'; import './b/c.ts'; import '#crypto'; // from 'node:fs'",
    'hardkey/src/core/crypto/node.ts': "import 'node:crypto'; import type { A } from '../a.ts';",
    'hardkey/src/formats/cwt/a.ts': "import '../cose/index.ts'; import '../../encoding/a.ts';",
    'hardkey/src/providers/file/a.ts': "import './b.ts'; import 'node:fs'; import '../../core/a.ts';",
    'cli/src/a.ts':
      "import 'hardkey'; import 'hardkey/formats/cose'; import 'qr'; import './b.ts'; import 'node:fs';",
  };
  assert.deepEqual(await problems(allowed), []);
});

const FORBIDDEN_ROWS = {
  'node: in a part that runs anywhere': '| `formats/a` | `node:*` |',
  'a provider that may import another': '| `providers/a` | `providers/b` |',
  'a format on one below it': '| `formats/a` | `formats/b` |\n| `formats/b` | nothing |',
  'emulators on the library': '| `emulators` | `hardkey` |',
};

for (const [what, row] of Object.entries(FORBIDDEN_ROWS))
  test(`a table with ${what} is refused`, async () => {
    const found = await problems({}, `| part | may import |\n|---|---|\n${row}\n`);
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^table: /);
  });
