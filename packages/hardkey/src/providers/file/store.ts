/**
 * A folder of keys: `store.json`, a record for each label, and a file for each private half.
 *
 * @module
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from '#crypto';
import type { CallOptions } from '../../core/operations.ts';
import type { Secret, SecretSource } from '../../core/secret.ts';
import { decodeBase64url, encodeBase64url } from '../../encoding/base64.ts';
import { fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { Failure, isFailure } from '../../errors.ts';
import {
  checkFolder,
  codeOf,
  privateFolder,
  publish,
  readPrivate,
  remove,
  syncFolder,
  TEMPORARY,
} from './disk.ts';
import { decryptJwk, encryptJwk } from './encrypted-jwk.ts';
import { locked } from './lock.ts';
import { decodeRecord, encodeRecord, type KeyRecord, type RecordKey } from './record.ts';

/** What a store needs. */
export interface StoreConfig {
  readonly folder: string;
  readonly passphrase?: SecretSource;
  /** Keep keys without a passphrase. */
  readonly unencrypted: boolean;
}

/** An open store. */
export interface Store {
  readonly folder: string;
  readonly recordKey: RecordKey;
  /** The record of a label, or undefined when there is none. */
  read(label: string): KeyRecord | undefined;
  /** Changes whenever the record does; undefined when there is none. */
  stamp(label: string): string | undefined;
  labels(): readonly string[];
  write(record: KeyRecord, how: 'create' | 'replace'): void;
  /** Removes a record; private halves that no record names go with the next write. */
  remove(label: string): void;
  /** The file of a private half. */
  path(label: string, version: number, symmetric: boolean): string;
  /** Runs `act` as the only writer, after removing what earlier writes to the label left behind. */
  locked<T>(label: string, options: CallOptions, act: () => Promise<T> | T): Promise<T>;
  /** The passphrase, asked for again; undefined in a store without one. */
  passphrase(): Promise<Secret | undefined>;
}

interface StoreFile {
  readonly hardkey: 1;
  readonly protection: 'passphrase' | 'none';
  /** The key that authenticates records, as an encrypted JWK. */
  readonly recordKey?: string;
}

const STORE_FILE = 'store.json';
const RECORD = '.key.json';
const PRIVATE_HALF = /^(?<label>.+)\.(?<version>\d+)\.(?:pem|jwe)$/;

/** Opens the store of a folder. `undefined` when there is none and `make` is false. */
export async function openStore(
  config: StoreConfig,
  make: boolean,
  options: CallOptions,
): Promise<Store | undefined> {
  const { folder } = config;
  const path = join(folder, STORE_FILE);
  if (make) privateFolder(folder);
  else if (!exists(folder)) return undefined;
  checkFolder(folder);
  const bytes = readPrivate(path) ?? (make ? await found(path, config, options) : undefined);
  if (bytes === undefined) return undefined;
  const file = parse(bytes, path);
  return storeOf(config, await recordKeyOf(file, config, path));
}

/** Creates the store file; where another process was faster, that one counts. */
async function found(
  path: string,
  config: StoreConfig,
  options: CallOptions,
): Promise<Uint8Array | undefined> {
  const file = await newStoreFile(config);
  return locked(config.folder, options, () => {
    try {
      publish(path, utf8(`${JSON.stringify(file)}\n`), 'create');
    } catch (error) {
      if (!isFailure(error, 'KEY_EXISTS')) throw error;
    }
    return readPrivate(path);
  });
}

async function newStoreFile(config: StoreConfig): Promise<StoreFile> {
  if (config.unencrypted) return { hardkey: 1, protection: 'none' };
  const jwk = { kty: 'oct', kid: 'record-key', k: encodeBase64url(randomBytes(32)) } as const;
  const encrypted = await withPassphrase(config, (passphrase) => encryptJwk(jwk, passphrase));
  return { hardkey: 1, protection: 'passphrase', recordKey: fromUtf8(encrypted) };
}

async function recordKeyOf(file: StoreFile, config: StoreConfig, path: string): Promise<RecordKey> {
  if (file.protection === 'none') {
    if (config.passphrase === undefined || config.unencrypted) return undefined;
    // An attacker who replaces the store by an open one must not be believed.
    throw new Failure('DENIED', 'the store has no passphrase, but one was given', {
      field: 'passphrase',
      path,
    });
  }
  if (config.unencrypted) {
    throw new Failure('DENIED', 'the store has a passphrase', { field: 'passphrase', path });
  }
  const { kid, k } = await withPassphrase(config, (passphrase) =>
    decryptJwk(utf8(file.recordKey ?? ''), passphrase),
  );
  if (kid === 'record-key') return decodeBase64url(k, 'store');
  throw new Failure('VERIFICATION_FAILED', 'the store file was changed', { check: 'store.record', path });
}

async function withPassphrase<T>(
  config: StoreConfig,
  use: (passphrase: Uint8Array) => Promise<T>,
): Promise<T> {
  const secret = await passphraseOf(config);
  try {
    return await secret.use(use);
  } finally {
    secret[Symbol.dispose]();
  }
}

async function passphraseOf({ passphrase, folder }: StoreConfig): Promise<Secret> {
  if (passphrase !== undefined) return passphrase();
  throw new Failure('ARGUMENT_INVALID', 'the store needs a passphrase', {
    field: 'passphrase',
    path: folder,
  });
}

function storeOf(config: StoreConfig, recordKey: RecordKey): Store {
  const { folder } = config;
  const recordPath = (label: string): string => join(folder, `${label}${RECORD}`);
  const store: Store = {
    folder,
    recordKey,
    read(label) {
      const bytes = readPrivate(recordPath(label));
      return bytes === undefined ? undefined : decodeRecord(bytes, label, recordKey, recordPath(label));
    },
    stamp(label) {
      const stats = statSync(recordPath(label), { throwIfNoEntry: false });
      return stats === undefined ? undefined : `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
    },
    labels: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith(RECORD))
        .map((name) => name.slice(0, -RECORD.length))
        .sort(),
    write: (record, how) => publish(recordPath(record.label), encodeRecord(record, recordKey), how),
    remove(label) {
      remove(recordPath(label));
      syncFolder(folder);
    },
    path: (label, version, symmetric) => join(folder, `${label}.${version}.${symmetric ? 'jwe' : 'pem'}`),
    locked: (label, options, act) =>
      locked(folder, options, () => {
        sweep(store, label);
        return act();
      }),
    passphrase: async () => (recordKey === undefined ? undefined : passphraseOf(config)),
  };
  return store;
}

/** Removes the leavings of writes that did not end, wherever one look at the folder shows them. */
function sweep(store: Store, label: string): void {
  let removed = false;
  for (const name of readdirSync(store.folder)) {
    if (!name.startsWith(TEMPORARY) && !isOrphan(store, name, label)) continue;
    remove(join(store.folder, name));
    removed = true;
  }
  if (removed) syncFolder(store.folder);
}

/** A private half without a record, or of a version of `written` that its record does not name. */
function isOrphan(store: Store, name: string, written: string): boolean {
  const { label, version } = PRIVATE_HALF.exec(name)?.groups ?? {};
  if (label === undefined) return false;
  if (store.stamp(label) === undefined) return true;
  if (label !== written) return false;
  return !(store.read(label)?.versions.some((one) => one.version === Number(version)) ?? false);
}

function parse(bytes: Uint8Array, path: string): StoreFile {
  try {
    const file = JSON.parse(fromUtf8(bytes)) as StoreFile;
    if (file.hardkey === 1 && (file.protection === 'none' || file.protection === 'passphrase')) return file;
  } catch {
    // Said below, with the path.
  }
  throw new Failure('MALFORMED', 'not the store file of this version', { field: 'store', path });
}

function exists(folder: string): boolean {
  try {
    return statSync(folder, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    if (codeOf(cause) === 'ENOTDIR') return false;
    throw cause;
  }
}
