/**
 * `hardkey key rotate`.
 *
 * @module
 */
import { argument } from '../../given.ts';
import { findRef, openKeys } from '../../keys.ts';
import { json, keyJson, keyText } from '../../render.ts';
import type { Run } from '../../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const { keys } = await openKeys(given, context, { force: given.has('force') });
  await using _ = keys;
  const key = await keys.rotate(await findRef(keys, argument(given)));
  const ref = String(key.ref);
  await context.output.write(given.has('json') ? json(keyJson(key, ref)) : keyText(key, ref));
  return 0;
};
