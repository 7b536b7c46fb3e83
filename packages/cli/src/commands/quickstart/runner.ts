/**
 * Runs commands of ours, and shows them as they would be typed.
 *
 * @module
 */
import type { Context } from '../../context.ts';
import type { Output } from '../../output.ts';

/** Runs a command line, which is to end with a status. */
export type Runner = (args: readonly string[], status?: number) => Promise<void>;

/** A runner that writes each command, and what it writes, to the output. */
export function runnerIn({ output, environment, execute }: Context): Runner {
  return async (args, expected = 0) => {
    const typed = args.map(quoted).join(' ');
    await output.write(`   $ ${environment.invocation} ${typed}\n`);
    const indented: Output = {
      terminal: false,
      write: (result) => output.write(indent(String(result))),
      note: (text) => output.write(indent(`${text}\n`)),
    };
    const status = await execute(args, indented);
    if (status !== expected) throw new Error(`quickstart: exit ${status}`);
    if (status !== 0) await output.write(`   exit status ${status}: rejected\n`);
  };
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '   ');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
