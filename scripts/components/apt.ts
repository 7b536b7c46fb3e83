// Debian packages, with the package lists fetched at most once and only when something is missing.
import { run, which } from './run.ts';

let listsFetched = false;

/** Installs Debian packages; needs root, or a sudo that asks nothing. */
export function installFromApt(packages: readonly string[]): void {
  if (!which('apt-get')) throw new Error(`no apt-get here: install ${packages.join(', ')} by other means`);
  if (!listsFetched) apt(['update']);
  listsFetched = true;
  apt(['install', '--yes', '--no-install-recommends', ...packages]);
}

function apt(args: readonly string[]): void {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if (process.getuid?.() === 0) run('apt-get', ['--quiet', ...args], env);
  else run('sudo', ['-n', 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet', ...args]);
}
