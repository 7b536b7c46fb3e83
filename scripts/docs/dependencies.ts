// Every dependency, of whatever kind, has its line of justification in CONTRIBUTING.md, and every line a dependency.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from './pages.ts';

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
const RANGE = /^[\^~><*]|\bx\b/;

/** Dependencies without a line, lines without a dependency, and versions that are not exact. */
export function dependencyProblems(root: string, pages: readonly Page[]): readonly string[] {
  const found = globSync(['package.json', 'packages/*/package.json'], { cwd: root }).flatMap((file) => {
    const json = JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, Record<string, string>>;
    return KINDS.flatMap((kind) =>
      Object.entries(json[kind] ?? {}).map(([name, version]) => ({ file, kind, name, version })),
    );
  });
  const names = new Set(found.map(({ name }) => name));
  const page = pages.find(({ file }) => file === 'CONTRIBUTING.md')?.prose ?? '';
  const lines = [...page.matchAll(/^- `([^`]+)`: /gm)].map(([, name = '']) => name);
  return [
    ...[...names]
      .filter((name) => !lines.includes(name))
      .map((name) => `CONTRIBUTING.md: no line for ${name}`),
    ...lines.filter((name) => !names.has(name)).map((name) => `CONTRIBUTING.md: ${name} is not a dependency`),
    ...found
      .filter(({ kind, version }) => kind !== 'peerDependencies' && RANGE.test(version))
      .map(({ file, name, version }) => `${file}: ${name} ${version} is not an exact version`),
  ];
}
