// Every TypeScript block of the README and docs/ compiles against the source as a program of its own.
// A block whose fence says `ts no-check` is left out, and counted.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from './pages.ts';

// Inside the repository, so that the package names resolve as they do for its own tests.
const FOLDER = '.docs-blocks';

const CONFIG = {
  extends: '../tsconfig.test.json',
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
  include: ['*.ts'],
};

/** What the compiler said, in places of the pages, and how many blocks it saw. */
export interface BlocksReport {
  readonly problems: readonly string[];
  readonly compiled: number;
  readonly skipped: number;
}

/** Compiles the blocks of the pages in one run. */
export function compileBlocks(root: string, pages: readonly Page[]): BlocksReport {
  const documents = pages.filter(({ file }) => file === 'README.md' || file.startsWith('docs/'));
  const all = documents.flatMap(({ file, blocks }) =>
    blocks.filter(({ language }) => language === 'ts').map((block) => ({ file, ...block })),
  );
  const blocks = all.filter(({ info }) => info === '');
  const odd = all.filter(({ info }) => info !== '' && info !== 'no-check');
  const problems = odd.map(({ file, line, info }) => `${file}:${line - 1}: unknown block option ${info}`);
  const skipped = all.length - blocks.length;
  if (blocks.length === 0) return { problems, compiled: 0, skipped };

  const folder = join(root, FOLDER);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  try {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG));
    // `export {}` makes a module of a block without imports, which top-level await needs.
    for (const { file, line, code } of blocks)
      writeFileSync(join(folder, blockName(file, line)), `${code}\nexport {};\n`);
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '--pretty', 'false', '-p', folder];
    const { stdout, error } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (error) throw error;
    return {
      problems: [...problems, ...stdout.split('\n').filter(Boolean).map(inPage)],
      compiled: blocks.length,
      skipped,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `docs/start.md`, line 12 is `docs+start.md.12.ts`: the compiler's message carries the place. */
function blockName(file: string, line: number): string {
  return `${file.replaceAll('/', '+')}.${line}.ts`;
}

function inPage(message: string): string {
  return message.replace(
    /^(?:\S*\/)?([^/\s]+\.md)\.(\d+)\.ts\((\d+),\d+\)/,
    (_, page: string, first: string, line: string) =>
      `${page.replaceAll('+', '/')}:${Number(first) + Number(line) - 1}`,
  );
}
