// Every path in a packed package.json must be in the tarball with it: no published tool notices one that is not.
import { execFileSync } from 'node:child_process';
import { basename, join, normalize } from 'node:path';
import { paths, type Target } from '../manifest.ts';

type Fields = Readonly<Record<'exports' | 'imports' | 'bin', Target | undefined>>;

/** What the tarball's package.json names and the tarball does not hold. */
export function missingFiles(tarball: string): readonly string[] {
  const tar = (...args: readonly string[]) => execFileSync('tar', args, { encoding: 'utf8' });
  const inside = new Set(tar('-tzf', tarball).split('\n').filter(Boolean));
  const manifest = JSON.parse(tar('-xzOf', tarball, 'package/package.json')) as Fields;
  const promised = [manifest.exports, manifest.imports, manifest.bin].flatMap((target) =>
    target === undefined ? [] : paths(target),
  );
  const wanted = [...new Set(promised)].filter((path) => !path.includes('*'));
  return wanted
    .filter((path) => !inside.has(normalize(join('package', path))))
    .map((path) => `${basename(tarball)}: ${path} is promised and not in it`);
}
