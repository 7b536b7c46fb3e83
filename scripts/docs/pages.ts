// The Markdown of the repository, split into prose and code blocks, for every check of the documents.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of code. */
export interface Block {
  /** The word after the fence: `ts`. */
  readonly language: string;
  /** The rest of that line: `no-check`. */
  readonly info: string;
  /** The line number of its first line of code. */
  readonly line: number;
  readonly code: string;
}

/** One Markdown file. */
export interface Page {
  readonly file: string;
  readonly text: string;
  /** The text with every code block blanked, line numbers kept. */
  readonly prose: string;
  readonly blocks: readonly Block[];
}

const ELSEWHERE = ['**/node_modules/**', '**/dist/**', '.docs-*/**'];

/** Every Markdown file of the tree. */
export function readPages(root: string): readonly Page[] {
  const files = globSync('**/*.md', { cwd: root, exclude: ELSEWHERE }).sort();
  return files.map((file) => readPage(file, readFileSync(join(root, file), 'utf8')));
}

/** Also inside the items of a list, where it is indented. */
const FENCED =
  /^(?<indent> *)(?<fence>```+|~~~+)(?<language>\S*)[ \t]*(?<info>.*)\n(?<code>[\s\S]*?)^\k<indent>\k<fence>[ \t]*$/gm;

function readPage(file: string, text: string): Page {
  const blocks = [...text.matchAll(FENCED)].map(({ index, groups }) => ({
    language: groups?.['language'] ?? '',
    info: groups?.['info'] ?? '',
    line: lineAt(text, index) + 1,
    code: (groups?.['code'] ?? '').replaceAll(new RegExp(`^${groups?.['indent'] ?? ''}`, 'gm'), ''),
  }));
  return { file, text, blocks, prose: text.replace(FENCED, (block) => block.replace(/[^\n]/g, ' ')) };
}

/** The line number, from 1, of a place in a text. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
