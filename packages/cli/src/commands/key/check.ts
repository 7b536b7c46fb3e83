/**
 * `hardkey key check`.
 *
 * @module
 */
import { algorithm } from 'hardkey';
import { argument } from '../../given.ts';
import { findRef, fingerprintOf, openKeys } from '../../keys.ts';
import { json } from '../../render.ts';
import type { Run } from '../../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const name = given.text('algorithm');
  const wanted = name === undefined ? undefined : algorithm(name).name;
  const fingerprint = fingerprintOf(given);
  const { keys } = await openKeys(given, context);
  await using _ = keys;
  const ref = await findRef(keys, argument(given));
  await keys.check(ref, {
    ...(wanted === undefined ? {} : { algorithm: wanted }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  });
  await context.output.write(given.has('json') ? json({ ref, usable: true }) : `${ref} can be used\n`);
  return 0;
};
