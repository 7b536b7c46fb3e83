/**
 * `hardkey key list`.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import type { KeyInfo } from 'hardkey';
import { labelsIn } from 'hardkey/providers/file';
import { readSettings } from '../../config.ts';
import type { Context } from '../../context.ts';
import type { Given } from '../../given.ts';
import { openListed, storeFolder, wholeRef } from '../../keys.ts';
import { custodyText, infoJson, json, table } from '../../render.ts';
import type { Run } from '../../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  if (given.has('names')) return writeNames(given, context);
  const { keys, settings } = await openListed(given, context);
  await using _ = keys;
  const infos: KeyInfo[] = [];
  for await (const info of keys.list()) infos.push(info);
  const isDefault = (info: KeyInfo) => [wholeRef(info), String(info.ref)].includes(settings.config.key ?? '');
  await context.output.write(
    given.has('json')
      ? json(infos.map((info) => ({ ...infoJson(info), custody: info.custody, default: isDefault(info) })))
      : infosText(infos, isDefault),
  );
  return 0;
};

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

function infosText(infos: readonly KeyInfo[], isDefault: (info: KeyInfo) => boolean): string {
  return table(
    infos.map((info) => [
      `${String(info.ref)}${isDefault(info) ? ' *' : ''}`,
      info.algorithms[0] ?? '',
      info.id,
      info.state,
      info.createdAt === undefined ? '' : new Date(info.createdAt * 1000).toISOString().slice(0, 10),
      custodyText(info),
    ]),
  );
}
