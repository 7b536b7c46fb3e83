// Every relative link and picture leads to a file, and every anchor to a heading of it.
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { lineAt, type Page } from './pages.ts';

const LINK = /!?\[(?:[^\]]|\\\])*\]\((?<to>[^)\s]+)(?:\s+"[^"]*")?\)|(?:src|href)="(?<html>[^"]+)"/g;
const OUTSIDE = /^[a-z][a-z0-9+.-]*:/i;

/** Links that lead nowhere. */
export function linkProblems(root: string, pages: readonly Page[]): readonly string[] {
  return pages.flatMap((page) =>
    [...page.prose.matchAll(LINK)].flatMap(({ groups, index }) => {
      const to = groups?.['to'] ?? groups?.['html'] ?? '';
      const why = OUTSIDE.test(to) ? undefined : broken(root, page, to, pages);
      return why ? [`${page.file}:${lineAt(page.prose, index)}: ${to} ${why}`] : [];
    }),
  );
}

function broken(root: string, page: Page, to: string, pages: readonly Page[]): string | undefined {
  const [path = '', anchor] = to.split('#');
  const file = path === '' ? page.file : normalize(join(dirname(page.file), decodeURIComponent(path)));
  if (to.startsWith('/') || file.startsWith('..')) return 'leaves the repository';
  if (!existsSync(join(root, file))) return 'does not exist';
  if (anchor === undefined || statSync(join(root, file)).isDirectory()) return undefined;
  const target = pages.find((one) => one.file === file);
  return target && !headings(target).includes(anchor) ? 'names no heading' : undefined;
}

/** The anchors of a page, as the usual renderers make them. */
function headings({ prose }: Page): readonly string[] {
  return [...prose.matchAll(/^#{1,6} +(.+?)\s*$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}
