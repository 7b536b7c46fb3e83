/**
 * Where the files of a store are.
 *
 * @module
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unavailable } from './access.ts';

/** What protects the store. */
export function storePath(folder: string): string {
  return join(folder, 'store.json');
}

/** Which record of each key is the last one. */
export function indexPath(folder: string): string {
  return join(folder, 'index.json');
}

/** Names the one writer. */
export function lockPath(folder: string): string {
  return join(folder, '.lock');
}

/** A record, by the write that it is of. */
export function recordPath(folder: string, label: string, serial: number): string {
  return join(folder, `${label}.${serial}.key.json`);
}

/** A private half. */
export function halfPath(folder: string, label: string, version: number, symmetric: boolean): string {
  return join(folder, `${label}.${version}.${symmetric ? 'jwe' : 'pem'}`);
}

/** A file that belongs to a key, as its name says. */
export interface KeyFile {
  readonly path: string;
  readonly label: string;
  readonly kind: 'record' | 'half';
  /** Serial of a record, version of a half. */
  readonly number: number;
}

const KEY_FILE = /^(?<label>[A-Za-z0-9_][A-Za-z0-9._-]*)\.(?<number>\d{1,15})\.(?<kind>key\.json|pem|jwe)$/;

/** The files of keys in a folder. */
export function keyFiles(folder: string): readonly KeyFile[] {
  return namesIn(folder).flatMap((name) => {
    const { label = '', number, kind } = KEY_FILE.exec(name)?.groups ?? {};
    if (number === undefined) return [];
    return [
      {
        path: join(folder, name),
        label,
        kind: kind === 'key.json' ? 'record' : 'half',
        number: Number(number),
      },
    ];
  });
}

/**
 * The labels of the keys in a store, as the names of its files tell them: enough for a shell to complete.
 * Nothing is opened and nothing is verified. Throws `UNAVAILABLE` for a folder that cannot be read.
 */
export function labelsIn(folder: string): readonly string[] {
  const records = keyFiles(folder).filter(({ kind }) => kind === 'record');
  return [...new Set(records.map(({ label }) => label))].sort();
}

/** The names in a folder. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw unavailable(folder, cause);
  }
}
