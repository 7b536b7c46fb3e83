/**
 * `hardkey key list`.
 *
 * @module
 */
import type { KeyInfo } from 'hardkey';
import { openKeys, wholeRef } from '../../keys.ts';
import { custodyText, infoJson, json, table } from '../../render.ts';
import type { Run } from '../../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const { keys, settings } = await openKeys(given, context, { listOf: given.text('ref') });
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
