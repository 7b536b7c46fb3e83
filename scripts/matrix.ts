// Writes docs/providers/matrix.md from a run of the tests of the cloud providers, or with --check compares it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect } from './matrix/collect.ts';
import { render } from './matrix/render.ts';
import { report } from './report.ts';

const PAGE = join(import.meta.dirname, '../docs/providers/matrix.md');
const page = render(await collect());
if (process.argv.includes('--check')) {
  const same = readFileSync(PAGE, 'utf8') === page;
  report(
    same ? [] : ['docs/providers/matrix.md is not what the tests say: npm run matrix writes it'],
    'the matrix is what the tests say',
  );
} else {
  writeFileSync(PAGE, page);
}
