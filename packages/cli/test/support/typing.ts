// Somebody at a terminal who answers what a command asks.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { component } from '../../../../scripts/components/index.ts';
import { COMMAND, type sandbox } from './sandbox.ts';

const python = component('python3');

/** Why nobody can type here. */
export const noTyping: string | false = python.missing ?? false;

/** What a command showed on a terminal, and how it ended. */
export interface Typed {
  readonly status: number;
  readonly shown: string;
}

/** Runs a command on a terminal; a talk is what it asks and what is typed. */
export function typist(
  { work, environment }: Pick<ReturnType<typeof sandbox>, 'work' | 'environment'>,
  env: Readonly<Record<string, string>> = {},
): (args: readonly string[], ...talk: readonly (readonly [asks: string, answer: string])[]) => Typed {
  return (args, ...talk) => {
    const steps = talk.flatMap(([wait, answer]) => [{ wait }, { type: `${answer}\r` }]);
    const task = JSON.stringify({ command: [...COMMAND, ...args], steps });
    const surroundings = { cwd: work, env: { ...environment, ...env, TERM: 'xterm' }, timeout: 120_000 };
    const driver = join(import.meta.dirname, 'shell.py');
    const { stdout } = spawnSync(python.path, [driver, task], { ...surroundings, encoding: 'utf8' });
    return JSON.parse(stdout) as Typed;
  };
}
