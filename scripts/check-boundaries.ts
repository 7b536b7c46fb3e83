// Which part of the source may import which. The table in docs/architecture.md is the rule; this script
// reads it, refuses a table that breaks the rules every version of it must keep, and holds the source to it.
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { type Import, importsOf, splitSpecifier } from './imports.ts';
import { type Manifest, manifests } from './manifest.ts';
import { report } from './report.ts';

/** A row of the table: a part of the source, and the names it may import. */
interface Row {
  readonly part: string;
  readonly may: readonly string[];
}

/** A file's place: its row, and which of the row's parts it is (`providers/file` of `providers/*`). */
interface Place {
  readonly row: Row;
  readonly instance: string;
}

/** Every import that the table of `root` does not allow, as `file:line: what`. */
export function boundaryProblems(root: string): readonly string[] {
  const rows = readTable(readFileSync(join(root, 'docs/architecture.md'), 'utf8'));
  const packages = manifests(root);
  const problems = [...tableProblems(rows)];
  for (const owner of packages)
    for (const file of globSync(`${owner.folder}/src/**/*.ts`, { cwd: root })) {
      const place = placeOf(rows, partPath(owner, file));
      if (!place) problems.push(`${file}: no row of the table covers it`);
      else
        for (const one of importsOf(join(root, file))) {
          const why = refusal(one, file, place, { root, rows, owner, packages });
          if (why) problems.push(`${file}:${one.line}: ${place.instance} may not import ${why}`);
        }
    }
  return problems;
}

interface World {
  readonly root: string;
  readonly rows: readonly Row[];
  readonly owner: Manifest;
  readonly packages: readonly Manifest[];
}

/** What is wrong with one import, if anything. */
function refusal({ to }: Import, file: string, from: Place, world: World): string | undefined {
  const { row } = from;
  if (to === undefined) return row.may.includes('plug-ins') ? undefined : 'a name computed at run time';
  if (to.startsWith('.')) return relativeRefusal(to, file, from, world);
  if (to.startsWith('#')) return row.may.includes(to) ? undefined : to;
  if (isBuiltin(to)) return row.may.includes('node:*') ? undefined : to;

  const { name, subpath } = splitSpecifier(to);
  const workspace = world.packages.find((one) => one.name === name);
  if (workspace === world.owner) return `${to}: its own package is imported by relative path`;
  if (workspace && !row.may.includes(name)) return to;
  if (workspace) return subpath in workspace.exports ? undefined : `${to}, which is not a public subpath`;
  const declared = world.owner.dependencies.includes(name);
  if (row.may.includes(name) || (row.may.includes('dependencies') && declared))
    return declared ? undefined : `${to}, which its package.json does not declare`;
  return to;
}

function relativeRefusal(to: string, file: string, { row, instance }: Place, world: World) {
  const target = relative(world.root, resolve(world.root, dirname(file), to));
  if (!target.startsWith(`${world.owner.folder}/src/`)) return `${to}, outside its package's source`;
  const there = placeOf(world.rows, partPath(world.owner, target));
  if (!there) return `${to}, which no row of the table covers`;
  if (there.instance === instance) return undefined;
  return row.may.some((name) => name === there.instance || name === there.row.part) ? undefined : to;
}

/** `packages/hardkey/src/core/key.ts` is `core/key`; other packages begin with their folder: `cli/main`. */
function partPath({ folder, name }: Manifest, file: string): string {
  const inside = relative(join(folder, 'src'), file).replace(/\.ts$/, '');
  return name === 'hardkey' ? inside : join(relative('packages', folder), inside);
}

/** The most specific row wins: `core/crypto/node` before `core`. */
function placeOf(rows: readonly Row[], path: string): Place | undefined {
  const have = path.split('/');
  const places = rows.flatMap((row) => {
    const want = row.part.split('/');
    const fits = want.length <= have.length && want.every((name, at) => name === '*' || name === have[at]);
    return fits ? [{ row, instance: have.slice(0, want.length).join('/') }] : [];
  });
  return places.sort((a, b) => weight(b.row) - weight(a.row))[0];
}

function weight({ part }: Row): number {
  return part.split('/').length * 2 - (part.includes('*') ? 1 : 0);
}

/** The table headed `part | may import`; names are in backticks, everything else is prose. */
export function readTable(markdown: string): readonly Row[] {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => /^\|\s*part\s*\|\s*may import\s*\|/.test(line));
  if (head < 0) throw new Error('docs/architecture.md has no table headed | part | may import |');
  const body = lines.slice(head + 2);
  const end = body.findIndex((line) => !line.startsWith('|'));
  return body.slice(0, end < 0 ? undefined : end).flatMap((line) => {
    const [, parts = '', may = ''] = line.split('|');
    return names(parts).map((part) => ({ part, may: names(may) }));
  });
}

function names(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

const RUNS_ANYWHERE = /^(errors|encoding|core|protocols|formats|conformance)\b/;
// What stands behind the `node` condition of `#crypto`, `#software` and `#compression`.
const NODE_HALF = /^(core\/(crypto|software)|formats\/claim169\/compression)\/(?!web$)[\w-]+$/;

/** Rules that no edit of the table may give up. */
function tableProblems(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(({ part, may }, at) => {
    const below = rows.slice(0, at).map((row) => row.part);
    return may.flatMap((name) => {
      if (name === 'node:*' && RUNS_ANYWHERE.test(part) && !NODE_HALF.test(part))
        return [`table: ${part} must run anywhere and may not import node:*`];
      if (name.startsWith('providers/') && !/^(testing|cli|server)\b/.test(part) && !isWithin(name, part))
        return [`table: ${part} may not import a provider (${name})`];
      if (name.startsWith('formats/') && !below.includes(name))
        return [`table: ${part} may only build on a format above it (${name})`];
      if (part === 'emulators' && /^@?hardkey\b/.test(name))
        return [`table: emulators import nothing of hardkey (${name})`];
      return [];
    });
  });
}

/** Whether one is a part of the other, as the import of keys is of its provider. */
function isWithin(one: string, other: string): boolean {
  return one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

if (import.meta.main) report(boundaryProblems('.'), 'boundaries hold');
