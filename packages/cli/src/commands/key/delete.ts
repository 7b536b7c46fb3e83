/**
 * `hardkey key delete`.
 *
 * @module
 */
import { createInterface } from 'node:readline/promises';
import { Failure, type Keys } from 'hardkey';
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
  if (!given.has('yes')) await confirm(await toType(keys, ref));
  await keys.destroy(ref);
  if (settings.config.key === ref) {
    await context.output.note('hardkey: this was the default key: `hardkey key set-default` names another');
  }
  await context.output.write(given.has('json') ? json({ ref, deleted: true }) : `${ref} deleted\n`);
  return 0;
};

/** The reference, or the key itself where the environment names it: whoever types it sees which one it is. */
async function toType(keys: Keys, ref: string): Promise<string> {
  return /^[^:]+:$/.test(ref) ? String((await keys.open(ref)).ref) : ref;
}

/** Before the store is opened, which may ask for a passphrase in vain. */
function checkCanConfirm(given: Given, { interactive }: Context): void {
  if (given.has('yes') || (interactive && process.stdin.isTTY === true)) return;
  throw new Failure('ARGUMENT_INVALID', 'nobody can be asked here: --yes deletes without asking', {
    field: 'yes',
  });
}

async function confirm(ref: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await terminal.question(`Type ${oneLine(ref)} to delete it with all its versions: `);
    if (typed === ref) return;
  } catch (error) {
    // Control-C and Control-D are an answer too.
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
  } finally {
    terminal.close();
  }
  throw new Failure('ARGUMENT_INVALID', 'not confirmed, and nothing was deleted', { field: 'yes' });
}
