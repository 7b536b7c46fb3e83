/**
 * Runs commands of ours, and shows them as they would be typed.
 *
 * @module
 */
import type { Context } from '../../context.ts';
import { endingOf } from '../../exit.ts';
import type { Output } from '../../output.ts';

/** Runs a command line, which is to end with a status. Throws what it throws when it ends with another. */
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
    const refusal = await refusalOf(() => execute(args, indented), expected);
    if (refusal === undefined) return;
    await indented.note(refusal);
    await output.write(`   exit status ${expected}: rejected\n`);
  };
}

/** What a command said that failed as it was to; undefined when it was to end well, and did. */
async function refusalOf(command: () => Promise<number>, expected: number): Promise<string | undefined> {
  try {
    const status = await command();
    if (status === expected) return undefined;
    throw new Error(`quickstart: exit ${status}`);
  } catch (error) {
    const { status, text } = endingOf(error, false);
    if (status !== expected) throw error;
    return text;
  }
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '   ');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
