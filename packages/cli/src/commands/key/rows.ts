/**
 * Keys in rows, and backends that could not say which they have.
 *
 * @module
 */
import type { KeyInfo } from 'hardkey';
import { labelledKey, wholeKey } from 'hardkey/key-manager';
import { failureText } from '../../exit.ts';
import { type Answer, placeText } from '../../places.ts';
import { custodyText, infoJson, oneLine, stateText, table, versionOf } from '../../render.ts';

/** One object each: of a key, or of a backend and its error. */
export function rowsJson(answers: readonly Answer[], byDefault?: string): readonly unknown[] {
  const infos = answers.flatMap(({ keys }) => keys);
  return [
    ...infos.map((info) => ({ ...infoJson(info), custody: info.custody, default: isNamed(info, byDefault) })),
    ...answers.flatMap(({ keys: _, failure, ...place }) =>
      failure === undefined ? [] : [{ ...place, error: failure.toJSON() }],
    ),
  ];
}

/** One line each. */
export function rowsText(answers: readonly Answer[], byDefault?: string): string {
  const infos = answers.flatMap(({ keys }) => keys);
  const silent = answers.flatMap((answer) =>
    answer.failure === undefined ? [] : [`${placeText(answer)}: ${failureText(answer.failure)}\n`],
  );
  return table(infos.map((info) => cells(info, isNamed(info, byDefault)))) + silent.join('');
}

function cells(info: KeyInfo, isDefault: boolean): readonly string[] {
  const version = versionOf(info);
  return [
    `${String(info.ref)}${unsaidLabel(info)}${isDefault ? ' *' : ''}`,
    info.algorithms[0] ?? '',
    info.id,
    version === undefined ? '' : `v${version}`,
    stateText(info),
    info.createdAt === undefined ? '' : new Date(info.createdAt * 1000).toISOString().slice(0, 10),
    info.publicKey?.fingerprint ?? '',
    custodyText(info),
  ];
}

/** The label, where the reference is one that nobody would know a key by. */
function unsaidLabel({ ref, label }: KeyInfo): string {
  return label === undefined || String(ref).includes(label) ? '' : ` (${oneLine(label)})`;
}

/** Whether a reference means the key, by an alias too. */
function isNamed(info: KeyInfo, ref: string | undefined): boolean {
  return ref !== undefined && [wholeKey(info.ref), labelledKey(info), String(info.ref)].includes(ref);
}
