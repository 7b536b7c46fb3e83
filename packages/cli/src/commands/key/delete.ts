/**
 * `hardkey key delete`.
 *
 * @module
 */
import { createInterface } from 'node:readline/promises';
import { Failure, type Keys, parseKeyRef } from 'hardkey';
import type { Context } from '../../context.ts';
import { argument, type Given } from '../../given.ts';
import { findRef, openKeys } from '../../keys.ts';
import { json, oneLine } from '../../render.ts';
import type { Run } from '../../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  checkCanConfirm(given, context);
  const { keys, settings } = await openKeys(given, context, { force: given.has('force') });
  await using _ = keys;
  const ref = await findRef(keys, argument(given));
  if (!given.has('yes')) await confirm(keys, ref);
  await keys.destroy(ref);
  if (settings.config.key === ref) {
    await context.output.note('hardkey: this was the default key: `hardkey key set-default` names another');
  }
  await context.output.write(given.has('json') ? json({ ref, deleted: true }) : `${ref} deleted\n`);
  return 0;
};

/** Before the store is opened, which may ask for a passphrase in vain. */
function checkCanConfirm(given: Given, { interactive }: Context): void {
  if (given.has('yes') || (interactive && process.stdin.isTTY === true)) return;
  throw new Failure('ARGUMENT_INVALID', 'nobody can be asked here: --yes deletes without asking', {
    field: 'yes',
  });
}

async function confirm(keys: Keys, ref: string): Promise<void> {
  const { name, what } = await doomed(keys, ref);
  const typed = await answerTo(`Type ${oneLine(name)} to delete ${what}: `);
  if (typed === name) return;
  throw new Failure('ARGUMENT_INVALID', 'not confirmed, and nothing was deleted', { field: 'yes' });
}

/** What has to be typed, and what goes when it is. */
async function doomed(keys: Keys, ref: string): Promise<{ readonly name: string; readonly what: string }> {
  const { wholeKey } = await import('hardkey/key-manager');
  const { scheme, body } = parseKeyRef(ref);
  // Typing what stands for a key of the environment would show nobody which key that is.
  if (body === '') return { name: wholeKey((await keys.open(ref)).ref), what: `what ${ref} stands for` };
  // A version may be named alone; and in AWS KMS every one is a key of its own.
  const isWhole = scheme !== 'awskms' && wholeKey(parseKeyRef(ref)) === ref;
  return { name: ref, what: isWhole ? 'it with all its versions' : 'it' };
}

/** What is typed; undefined where the question is broken off, by Ctrl-C or the end of the input. */
async function answerTo(question: string): Promise<string | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return undefined;
    throw error;
  } finally {
    terminal.close();
  }
}
