// The documents agree with the source: error codes, import paths, links, dependencies,
// code blocks and doc comments.
import { compileBlocks } from './docs/blocks.ts';
import { commentProblems } from './docs/comments.ts';
import { dependencyProblems } from './docs/dependencies.ts';
import { errorProblems } from './docs/errors.ts';
import { exportProblems } from './docs/exports.ts';
import { linkProblems } from './docs/links.ts';
import { readPages } from './docs/pages.ts';
import { report } from './report.ts';

const pages = readPages('.');
const blocks = compileBlocks('.', pages);
report(
  [
    ...errorProblems('.', pages),
    ...exportProblems('.', pages),
    ...linkProblems('.', pages),
    ...commentProblems('.'),
    ...dependencyProblems('.', pages),
    ...blocks.problems,
  ],
  `${pages.length} pages; ${blocks.compiled} code blocks compile, ${blocks.skipped} marked no-check`,
);
