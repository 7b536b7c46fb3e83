/**
 * Results as text and as JSON.
 *
 * @module
 */
import type { Algorithm, Key, KeyInfo } from 'hardkey';

/** A named value; one that is undefined is left out. */
export type Field = readonly [name: string, value: string | undefined];

/** JSON on lines of its own. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Named values, one a line, in two columns. */
export function fields(rows: readonly Field[]): string {
  const present = rows.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...present.map(([name]) => name.length));
  return present.map(([name, value = '']) => `${name.padEnd(width)}  ${oneLine(value, true)}\n`).join('');
}

/** Rows in columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Text that cannot move the cursor or start a line; quoted as JSON where it must, or where it has spaces. */
export function oneLine(text: string, spaces = false): string {
  if (/^[^\p{C}\s]+$/u.test(text) || (spaces && /^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(text))) return text;
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, codePoints);
}

/** What is said of a key that was made or looked up. */
export function keyJson(
  key: KeyInfo,
  ref: string,
  name: Algorithm | undefined = key.algorithms[0],
): Readonly<Record<string, unknown>> {
  return {
    ref,
    algorithm: name,
    keyId: key.id,
    fingerprint: key.publicKey?.fingerprint ?? null,
    publicKeyPem: key.publicKey?.toPem() ?? null,
    custody: key.custody,
  };
}

/** The same as text. */
export function keyText(key: Key | KeyInfo, ref: string): string {
  return fields([
    ['ref', ref],
    ['algorithm', key.algorithms.join(' ')],
    ['key id', key.id],
    ['fingerprint', key.publicKey?.fingerprint],
    ['custody', custodyText(key)],
  ]);
}

/** Custody in a few words. */
export function custodyText({ custody: { place, level, facts } }: KeyInfo): string {
  const said = Object.entries(facts).map(([name, value]) => `${name}=${oneLine(String(value))}`);
  // Read back from the device, and no more than its word.
  const by = level === 'attributed' ? `the ${place} says` : level;
  return [`${place === 'file' ? 'software key in a file' : place} (${by})`, ...said].join(' ');
}

function codePoints(character: string): string {
  return [...character].map((one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`).join('');
}

/** The version of a key, where its backend has versions. */
export function versionOf({ ref }: KeyInfo): number | undefined {
  const [, version] = /(?:[?&]version=|\/cryptoKeyVersions\/)(\d+)/.exec(ref.body) ?? [];
  return version === undefined ? undefined : Number(version);
}

/** The state in a word: of an active version whose place a later one has taken, that. */
export function stateText({ state, superseded }: KeyInfo): string {
  return state === 'active' && superseded === true ? 'superseded' : state;
}

/** What every command says of a key, in this order. */
export function infoJson(info: KeyInfo): Readonly<Record<string, unknown>> {
  return {
    ref: String(info.ref),
    label: info.label ?? null,
    keyId: info.id,
    backend: info.ref.scheme,
    version: versionOf(info) ?? null,
    algorithms: info.algorithms,
    state: info.state,
    superseded: info.superseded === true,
    createdAt: info.createdAt ?? null,
    fingerprint: info.publicKey?.fingerprint ?? null,
  };
}
