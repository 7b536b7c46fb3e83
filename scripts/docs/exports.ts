// Every import path of the library is named in the documents, and every one they name exists.
import { manifest } from '../manifest.ts';
import { lineAt, type Page } from './pages.ts';

const MENTION = /(?<![\w@/.-])hardkey\/(?<subpath>[a-z0-9][\w-]*(?:\/[a-z0-9][\w-]*)*)/g;
const ROOT = /from 'hardkey'|`hardkey`/;

/** Import paths without a mention, and mentions without an import path. */
export function exportProblems(root: string, pages: readonly Page[]): readonly string[] {
  const subpaths = Object.keys(manifest(root, 'hardkey').exports).filter((path) => path !== './package.json');
  const mentions = pages.flatMap(({ file, text }) =>
    [...text.matchAll(MENTION)].map(({ groups, index }) => ({
      at: `${file}:${lineAt(text, index)}`,
      subpath: `./${groups?.['subpath']}`,
    })),
  );
  const named = new Set(mentions.map(({ subpath }) => subpath));
  if (pages.some(({ text }) => ROOT.test(text))) named.add('.');
  return [
    ...subpaths.filter((path) => !named.has(path)).map((path) => `no page mentions hardkey${path.slice(1)}`),
    ...mentions
      .filter(({ subpath }) => !subpaths.includes(subpath))
      .map(({ at, subpath }) => `${at}: hardkey${subpath.slice(1)} is not an import path`),
  ];
}
