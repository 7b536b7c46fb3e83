/**
 * Keys in rows, and backends that could not say which they have.
 *
 * @module
 */
import type { KeyInfo } from 'hardkey';
import type { BackendKeys } from 'hardkey/key-manager';
import { endingOf } from '../../exit.ts';
import { wholeRef } from '../../keys.ts';
import { custodyText, infoJson, table, versionOf } from '../../render.ts';

/** One object each: of a key, or of a backend and its error. */
export function rowsJson({ keys, unavailable }: BackendKeys, byDefault?: string): readonly unknown[] {
  return [
    ...keys.map(({ info }) => ({
      ...infoJson(info),
      custody: info.custody,
      default: isNamed(info, byDefault),
    })),
    ...unavailable.map(({ backend, failure }) => ({ backend, error: failure.toJSON() })),
  ];
}

/** One line each. */
export function rowsText({ keys, unavailable }: BackendKeys, byDefault?: string): string {
  const silent = unavailable.map(
    ({ backend, failure }) => `${backend}: ${endingOf(failure, false).text.replace(/^hardkey: /, '')}\n`,
  );
  return table(keys.map(({ info }) => cells(info, isNamed(info, byDefault)))) + silent.join('');
}

function cells(info: KeyInfo, isDefault: boolean): readonly string[] {
  const version = versionOf(info);
  return [
    `${String(info.ref)}${isDefault ? ' *' : ''}`,
    info.algorithms[0] ?? '',
    info.id,
    version === undefined ? '' : `v${version}`,
    info.state,
    info.createdAt === undefined ? '' : new Date(info.createdAt * 1000).toISOString().slice(0, 10),
    info.publicKey?.fingerprint ?? '',
    custodyText(info),
  ];
}

function isNamed(info: KeyInfo, ref: string | undefined): boolean {
  return ref !== undefined && [wholeRef(info), String(info.ref)].includes(ref);
}
