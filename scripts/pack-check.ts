// What is published is what is checked: the tarballs are packed, looked at by publint and attw, searched for
// every file that their package.json promises, and installed by a consumer outside the repository.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consume } from './pack/consumer.ts';
import { missingFiles } from './pack/tarball.ts';
import { report } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'hardkey-pack-'));
try {
  report(
    inspect(folder),
    'the tarballs hold what they promise; a consumer installs, type-checks and runs them',
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Each step looks only at what the one before it let through. */
function inspect(folder: string): readonly string[] {
  const problems = tool('npm', ['pack', '--workspaces', '--pack-destination', folder]);
  if (problems.length > 0) return problems;
  const tarballs = readdirSync(folder).map((name) => join(folder, name));
  const found = tarballs.flatMap((file) => [
    ...missingFiles(file),
    ...tool('publint', ['run', file, '--strict']),
    ...tool('attw', [file, '--profile', 'esm-only']),
  ]);
  return found.length > 0 ? found : consume(tarballs, join(folder, 'consumer'));
}

/** Runs a tool of the workspace; what it says is a problem when it fails. */
function tool(command: string, args: readonly string[]): readonly string[] {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) throw error;
  return status === 0 ? [] : [`${command} ${args.join(' ')}\n${stdout}${stderr}`];
}
