// Writes docs/providers/matrix.md from a run of the tests of the cloud providers, or with --check compares it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect } from './matrix/collect.ts';
import { render } from './matrix/render.ts';
import { report } from './report.ts';

const PAGE = join(import.meta.dirname, '../docs/providers/matrix.md');
const { rows, problems } = await collect();
const page = render(rows);
// A page without the rows that failed would be stale as well, and that would be no news.
if (problems.length === 0 && !process.argv.includes('--check')) writeFileSync(PAGE, page);
const stale =
  readFileSync(PAGE, 'utf8') === page
    ? []
    : ['docs/providers/matrix.md is not what the tests say: npm run matrix writes it'];
report(problems.length > 0 ? problems : stale, 'the matrix is what the tests say');
