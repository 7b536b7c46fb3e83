// Somebody before the command: it runs on a terminal of its own.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { component } from '../../../../scripts/components/index.ts';
import { COMMAND, type Sandbox } from './sandbox.ts';

const python = component('python3');

/** What tests with a terminal need, or why it is not there. */
export const SKIP = { skip: python.missing ?? false };

const DRIVER = join(import.meta.dirname, 'terminal.py');

/** Runs the command on a terminal; `talk` is what it asks and what is typed. */
export type OnTerminal = (
  args: readonly string[],
  talk?: readonly (readonly [asked: string, typed: string])[],
  env?: Readonly<Record<string, string>>,
  columns?: number,
) => { readonly status: number | null; readonly shown: string };

/** Terminals in a sandbox. */
export function terminalsOf({ work, environment }: Pick<Sandbox, 'work' | 'environment'>): OnTerminal {
  return (args, talk = [], env = {}, columns = 0) => {
    const task = JSON.stringify({ command: [...COMMAND, ...args], talk, columns });
    const options = { cwd: work, env: { ...environment, TERM: 'xterm', ...env }, encoding: 'utf8' } as const;
    const { status, stdout } = spawnSync(python.path, [DRIVER, task], { ...options, timeout: 60_000 });
    return { status, shown: stdout };
  };
}
