/**
 * `hardkey key state`.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { argument } from '../../given.ts';
import { findRef, openKeys } from '../../keys.ts';
import { json } from '../../render.ts';
import type { Run } from '../../tree/command.ts';

const STATES = ['active', 'suspended', 'compromised'] as const;

/** See the tree. */
export const run: Run = async (given, context) => {
  const state = STATES.find((one) => one === argument(given, 1));
  if (state === undefined) {
    throw new Failure('ARGUMENT_INVALID', `a state is one of ${STATES.join(', ')}`, { field: 'STATE' });
  }
  const { keys } = await openKeys(given, context);
  await using _ = keys;
  const ref = await findRef(keys, argument(given));
  await keys.setState(ref, state);
  await context.output.write(given.has('json') ? json({ ref, state }) : `${ref} ${state}\n`);
  return 0;
};
