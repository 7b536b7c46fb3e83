/**
 * `hardkey key set-default`.
 *
 * @module
 */
import { writeSettings } from '../../config.ts';
import { argument } from '../../given.ts';
import { findRef, openKeys, openNamed } from '../../keys.ts';
import { json } from '../../render.ts';
import type { Run } from '../../tree/command.ts';
import { lastingRef } from './lasting.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const { keys, settings } = await openKeys(given, context, { mayBeNew: true });
  await using _ = keys;
  const named = await findRef(keys, argument(given));
  // A default that cannot be opened would only be noticed when it is needed.
  const ref = lastingRef(named, await openNamed(keys, named, given));
  await writeSettings(settings.path, { key: ref });
  await context.output.write(given.has('json') ? json({ ref, config: settings.path }) : `${ref}\n`);
  return 0;
};
