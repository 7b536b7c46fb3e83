/**
 * A folder of keys: `store.json`, the index, a record for each label, and a file for each private half.
 *
 * @module
 */
import { dirname, resolve } from 'node:path';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, isFailure } from '../../errors.ts';
import { checkFolder, look, makeFolder } from './access.ts';
import { changed } from './authentic.ts';
import { publish, readPrivate, remove, syncFolder } from './disk.ts';
import { decodeIndex, EMPTY, encodeIndex, type StoreIndex } from './index-file.ts';
import { indexPath, keyFiles, lockPath, recordPath, storePath } from './layout.ts';
import { locked } from './lock.ts';
import { withPassphrase } from './passphrase.ts';
import { DEFAULT_DERIVATION, type Derivation } from './pbes2.ts';
import { decodeRecord, encodeRecord, type KeyRecord, type Protection } from './record.ts';
import {
  newStoreFile,
  openStoreFile,
  parseStoreFile,
  type StoreConfig,
  type StoreFile,
  type StoreKeys,
} from './store-file.ts';
import { sweep } from './sweep.ts';

/** An open store. */
export interface Store {
  readonly folder: string;
  readonly protection: Protection;
  readonly derivation: Derivation;
  /** The record of a label, or undefined when there is none. */
  read(label: string): KeyRecord | undefined;
  /** Changes whenever a record does; undefined when the store is gone. */
  stamp(): string | undefined;
  labels(): readonly string[];
  /** Makes a record the last one of its label. For the one writer. */
  write(record: Omit<KeyRecord, 'serial'>): KeyRecord;
  /** Removes the record of a label; its private halves are for the caller to remove. For the one writer. */
  remove(label: string): void;
  /** Runs `act` as the only writer, after removing what writes to the label left behind that did not end. */
  locked<T>(label: string, options: CallOptions, act: () => T): Promise<T>;
  /** Lends the passphrase, asked for again; undefined in a store without one. `DENIED` for another one. */
  withPassphrase<T>(use: (passphrase: Uint8Array | undefined) => Promise<T>): Promise<T>;
}

/** More than an index or a record of a store takes that is still of use, in bytes. */
const LIMIT = 64 * 1024 * 1024;
const STORE_FILE_LIMIT = 64 * 1024;

/** Opens the store of a folder. `undefined` when there is none and `make` is false. */
export async function openStore(
  config: StoreConfig,
  make: boolean,
  options: CallOptions,
): Promise<Store | undefined> {
  const { folder } = config;
  const made = make ? makeFolder(folder) : [];
  if (!checkFolder(folder)) return undefined;
  const bytes = readStoreFile(folder) ?? storeFileBesideKeys(folder);
  if (bytes !== undefined) return openFound(bytes, config);
  return make ? found(config, made, options) : undefined;
}

function readStoreFile(folder: string): Uint8Array | undefined {
  return readPrivate(storePath(folder), STORE_FILE_LIMIT);
}

async function openFound(bytes: Uint8Array, config: StoreConfig): Promise<Store> {
  const path = storePath(config.folder);
  const file = parseStoreFile(bytes, path);
  return storeOf(config, file, await openStoreFile(file, config, path));
}

/** Creates the store; where another process was faster, that one counts. */
async function found(config: StoreConfig, made: readonly string[], options: CallOptions): Promise<Store> {
  const { folder } = config;
  const { bytes, ...keys } = await newStoreFile(config);
  const other = await locked(lockPath(folder), options, () => {
    const before = readStoreFile(folder);
    if (before !== undefined) return before;
    // The index first: a store file without one is a store that somebody took the index from.
    publish(indexPath(folder), encodeIndex(EMPTY, keys.recordKey), 'replace');
    publish(storePath(folder), bytes, 'create');
    // Perhaps another process made the folder, and died.
    for (const parent of made.length > 0 ? made.toReversed() : [dirname(resolve(folder))]) syncParent(parent);
    return undefined;
  });
  if (other !== undefined) return openFound(other, config);
  return storeOf(config, parseStoreFile(bytes, storePath(folder)), keys);
}

/** A new folder is durable when its name is. Who may not read the folder above has to leave it to the system. */
function syncParent(folder: string): void {
  try {
    syncFolder(folder);
  } catch (error) {
    if (!isFailure(error, 'DENIED')) throw error;
  }
}

/** Keys do not come without a store: to found one beside them would be to make them unreadable for good. */
function storeFileBesideKeys(folder: string): Uint8Array | undefined {
  if (keyFiles(folder).length === 0) return undefined;
  // Another process may have made both since we looked.
  const bytes = readStoreFile(folder);
  if (bytes !== undefined) return bytes;
  throw new Failure('VERIFICATION_FAILED', 'there are keys, but the store file is missing', {
    check: 'store.file',
    path: storePath(folder),
  });
}

function storeOf({ folder, passphrase }: StoreConfig, file: StoreFile, keys: StoreKeys): Store {
  const { recordKey, check } = keys;
  let seen = 0;

  function readIndex(): StoreIndex {
    const path = indexPath(folder);
    const bytes = checkFolder(folder) ? readPrivate(path, LIMIT) : undefined;
    if (bytes === undefined) throw missing(folder, path);
    const index = decodeIndex(bytes, recordKey, path);
    // An earlier index is as authentic as this one. Who saw a later one knows better.
    if (index.serial < seen) throw changed('index', path);
    seen = index.serial;
    return index;
  }

  function writeIndex(index: StoreIndex): void {
    publish(indexPath(folder), encodeIndex(index, recordKey), 'replace');
    seen = index.serial;
  }

  /** The record that an index names, or undefined when it is gone. */
  function readRecord(label: string, serial: number): KeyRecord | undefined {
    const path = recordPath(folder, label, serial);
    const bytes = readPrivate(path, LIMIT);
    return bytes && decodeRecord(bytes, { label, serial }, recordKey, path);
  }

  function read(label: string): KeyRecord | undefined {
    for (let index = readIndex(); ; ) {
      const serial = index.records.get(label);
      const record = serial === undefined ? undefined : readRecord(label, serial);
      if (serial === undefined || record !== undefined) return record;
      const later = readIndex();
      // Unless another process wrote in the meantime, nobody but a stranger took the record.
      if (later.serial === index.serial) throw changed('record', recordPath(folder, label, serial));
      index = later;
    }
  }

  return {
    folder,
    protection: file.protection,
    derivation: file.derivation ?? DEFAULT_DERIVATION,
    read,
    stamp() {
      const stats = look(indexPath(folder));
      return stats && [stats.ino, stats.mtimeMs, stats.ctimeMs, stats.size].join(' ');
    },
    labels: () => [...readIndex().records.keys()].sort(),
    write(record) {
      const { serial: last, records } = readIndex();
      const written: KeyRecord = { ...record, serial: last + 1 };
      const { label, serial } = written;
      publish(recordPath(folder, label, serial), encodeRecord(written, recordKey), 'create');
      writeIndex({ serial, records: new Map([...records, [label, serial]]) });
      const before = records.get(label);
      if (before !== undefined) remove(recordPath(folder, label, before));
      return written;
    },
    remove(label) {
      const { serial, records } = readIndex();
      writeIndex({ serial: serial + 1, records: new Map([...records].filter(([name]) => name !== label)) });
      remove(recordPath(folder, label, records.get(label) ?? 0));
    },
    locked: (label, options, act) =>
      locked(lockPath(folder), options, () => {
        const index = readIndex();
        sweep(folder, label, index, read(label));
        return act();
      }),
    async withPassphrase(use) {
      if (recordKey === undefined || passphrase === undefined) return use(undefined);
      return withPassphrase(passphrase, (bytes) => {
        check(bytes);
        return use(bytes);
      });
    },
  };
}

/** The store as a whole is out of reach, or somebody took the index from it. */
function missing(folder: string, path: string): Failure {
  if (look(storePath(folder)) !== undefined) return changed('index', path);
  return new Failure('UNAVAILABLE', 'the store is gone', { path: folder });
}
