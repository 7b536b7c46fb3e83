/**
 * `hardkey key list`.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { labelsIn } from 'hardkey/providers/file';
import { storeFolder } from '../../backends.ts';
import { readSettings } from '../../config.ts';
import type { Context } from '../../context.ts';
import type { Given } from '../../given.ts';
import { type Opened, openListed } from '../../keys.ts';
import { type Answer, askPlaces } from '../../places.ts';
import { json } from '../../render.ts';
import type { Run } from '../../tree/command.ts';
import { leastCustody, weaknessOf } from './least-custody.ts';
import { rowsJson, rowsText } from './rows.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  if (given.has('names')) return writeNames(given, context);
  const least = leastCustody(given);
  const opened = await openListed(given, context);
  await using _ = opened.keys;
  const answers = await answersOf(given, context, opened);
  const { key } = opened.settings.config;
  await context.output.write(given.has('json') ? json(rowsJson(answers, key)) : rowsText(answers, key));
  const weakness = least && weaknessOf(answers, least);
  if (weakness === undefined) return 0;
  await context.output.note(`hardkey: ${weakness.text}`);
  return weakness.status;
};

/** What the backends have. Throws the failure of one that is the only one. */
async function answersOf(given: Given, context: Context, opened: Opened): Promise<readonly Answer[]> {
  // With `--ref` that place is all there is.
  const named = given.text('ref') === undefined ? undefined : opened.keys.schemes;
  const answers = await askPlaces(
    given,
    context,
    opened,
    named?.map((backend) => ({ backend })),
  );
  const [only, ...others] = answers;
  if (only?.failure !== undefined && others.length === 0) throw only.failure;
  return answers;
}

/** What `--key` takes, for a shell that completes it. A store that there is not has none. */
async function writeNames(given: Given, { environment, output }: Context): Promise<number> {
  const { config } = await readSettings(environment, given.text('config'));
  const folder = storeFolder(given, { environment }, config);
  const labels = existsSync(folder) ? labelsIn(folder) : [];
  const programs = Object.keys(config.exec ?? {}).map((name) => `exec:${name}`);
  // A shell would take apart, or even run, what is no plain word.
  const names = [...labels, ...programs].filter((name) => /^[\w.:-]+$/.test(name));
  await output.write(given.has('json') ? json(names) : names.map((name) => `${name}\n`).join(''));
  return 0;
}
