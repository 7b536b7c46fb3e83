// Every error code has its section in docs/errors.md, every section its code, and both say the same numbers.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from './pages.ts';

const ROW =
  /^ {2}(?<code>[A-Z][A-Z0-9_]*): \{ exit: (?<exit>\d+), http: (?<http>\d+),.*retryable: (?<again>true|false) \}/gm;
const SECTION = /^## (?<code>[A-Z][A-Z0-9_]*)\n(?<body>[\s\S]*?)(?=^## |$(?![\s\S]))/gm;

/** Codes and sections that do not agree. */
export function errorProblems(root: string, pages: readonly Page[]): readonly string[] {
  const source = join(root, 'packages/hardkey/src/errors.ts');
  const table = existsSync(source) ? readFileSync(source, 'utf8') : '';
  const rows = new Map([...table.matchAll(ROW)].map(({ groups }) => [groups?.['code'] ?? '', said(groups)]));
  const page = pages.find(({ file }) => file === 'docs/errors.md')?.text ?? '';
  const sections = new Map(
    [...page.matchAll(SECTION)].map(({ groups: g }) => [g?.['code'] ?? '', g?.['body'] ?? '']),
  );
  if (rows.size === 0) return ['packages/hardkey/src/errors.ts: no table of codes found'];

  const missing = [...rows].flatMap(([code, facts]) => {
    const body = sections.get(code);
    if (body === undefined) return [`docs/errors.md: no section for ${code}`];
    return body.includes(facts) ? [] : [`docs/errors.md: ${code} does not say "${facts}"`];
  });
  const extra = [...sections.keys()].filter((code) => !rows.has(code));
  return [...missing, ...extra.map((code) => `docs/errors.md: ${code} is not a code`)];
}

/** The line that a section carries, made from its row. */
function said(row: Record<string, string> | undefined): string {
  const again = row?.['again'] === 'true' ? 'retryable' : 'not retryable';
  return `Exit ${row?.['exit']} · HTTP ${row?.['http']} · ${again}`;
}
