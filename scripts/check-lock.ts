// The lock file names versions and hashes and no download address, so that it installs from any mirror;
// and no file of the repository names a package registry's host.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { report } from './report.ts';

// Host names that hand out packages, whatever their domain. Written so that it does not match itself.
const REGISTRY =
  /\b(?:registry|npm|pypi|crates|proxy|deb|repo1?|index|static)\.[\w-]+\.(?:org|com|io|net|dev)\b/;
const SHORT = /\b(?:npmjs|pypi|crates|pythonhosted)\.(?:org|com|io)\b/;

interface Entry {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly version?: string;
}

/** Addresses in the lock file, packages without a hash, and registry hosts in any other file. */
export function lockProblems(root: string, files: readonly string[]): readonly string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Entry>>;
  };
  const entries = Object.entries(lock.packages).flatMap(([path, { resolved, integrity, link }]) => {
    if (resolved && /^\w+:\/\//.test(resolved)) return [`package-lock.json: ${path} has an address`];
    if (path.includes('node_modules/') && !link && !integrity)
      return [`package-lock.json: ${path} has no hash`];
    return [];
  });
  const hosts = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, at) =>
        REGISTRY.test(line) || SHORT.test(line) ? [`${file}:${at + 1}: names a package registry`] : [],
      ),
  );
  return [...entries, ...hosts];
}

/** Files that are in the repository or about to be; binary ones hold no text to search. */
function repositoryFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8' });
  return listed.split('\0').filter((file) => file !== '' && !/\.(png|bin|gz|jpg)$/.test(file));
}

if (import.meta.main)
  report(lockProblems('.', repositoryFiles()), 'the lock file has hashes and no addresses');
