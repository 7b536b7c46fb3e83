/**
 * How long the built command takes to start: `--version` is held to twice Node's own start.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Question, TimesItself } from './runner.ts';

const COMMAND = join(import.meta.dirname, '../packages/cli/bin/hardkey.cjs');

/** See above. */
export function questions(): readonly Question[] {
  const candidates = [
    processOf('node -e 0', ['-e', '0']),
    processOf('hardkey --version', [COMMAND, '--version']),
    processOf('hardkey --help', [COMMAND, '--help']),
    processOf('hardkey key list --names', [COMMAND, 'key', 'list', '--names']),
  ];
  return [{ name: 'from nothing to the answer', baseline: 'node -e 0', candidates }];
}

/** One process is long enough for the clock, whatever a batch is. */
function processOf(name: string, args: readonly string[]): TimesItself {
  return {
    name,
    async time() {
      const start = performance.now();
      const { status } = spawnSync(process.execPath, args);
      if (status !== 0) throw new Error(`${name}: exit status ${status}`);
      return (performance.now() - start) * 1000;
    },
  };
}
