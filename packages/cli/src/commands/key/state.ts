/**
 * `hardkey key state`.
 *
 * @module
 */
import { argument, choice } from '../../given.ts';
import { findRef, openKeys } from '../../keys.ts';
import { json } from '../../render.ts';
import type { Run } from '../../tree/command.ts';

const STATES = ['active', 'suspended', 'compromised'] as const;

/** See the tree. */
export const run: Run = async (given, context) => {
  const state = choice(argument(given, 1), 'STATE', STATES);
  const { keys } = await openKeys(given, context, { force: given.has('force') });
  await using _ = keys;
  const ref = await findRef(keys, argument(given));
  await keys.setState(ref, state);
  await context.output.write(given.has('json') ? json({ ref, state }) : `${ref} ${state}\n`);
  return 0;
};
