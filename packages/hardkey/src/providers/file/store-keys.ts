/**
 * The keys of a store: what each operation reads and writes, and in which order.
 *
 * A private half is durable before the record that names it, and the record is gone before its private
 * halves: the record is the moment a change happens, and it changes whole.
 *
 * @module
 */
import { performance } from 'node:perf_hooks';
import { randomBytes } from '#crypto';
import { algorithm } from '../../core/algorithms.ts';
import { checkState, type Guard } from '../../core/bound-key.ts';
import { importPublicKey } from '../../core/import-public-key.ts';
import type { Key, KeyInfo, KeyState } from '../../core/key.ts';
import { type KeyRef, keyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import { type FileRef, formatFileRef } from '../../core/refs/file.ts';
import { generateSoftwareKey, type SoftwarePair } from '../../core/software/import.ts';
import { softwareKey } from '../../core/software/key.ts';
import { standInFacts } from '../../core/stand-in.ts';
import { decodeBase64, encodeBase64 } from '../../encoding/base64.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';
import { remove, syncFolder } from './disk.ts';
import { halfPath } from './layout.ts';
import { prepareHalf, readHalf } from './private-half.ts';
import { currentVersion, type KeyRecord, STATES, type VersionRecord } from './record.ts';
import type { Store } from './store.ts';

/** Throws when the provider was closed. */
type Ready = () => void;

type LabelRef = Extract<FileRef, { readonly kind: 'label' }>;

/** How long a key goes on with the state it last saw, in milliseconds. */
const STATE_AGE_MS = 100;

/** Opens a version of a key, the current one unless the reference names another. */
export async function openKey(store: Store, ref: KeyRef, address: LabelRef, ready: Ready): Promise<Key> {
  const { label, version } = address;
  const record = recordOf(store, ref, label);
  const found =
    version === undefined ? currentVersion(record) : record.versions.find((v) => v.version === version);
  if (found === undefined) throw new Failure('KEY_NOT_FOUND', 'no such version', { ref: String(ref) });
  const info = await infoOf(record, found);
  const path = halfPath(store.folder, label, found.version, found.spki === undefined);
  try {
    const key = await store.withPassphrase((passphrase) => readHalf(path, found, record, passphrase));
    return softwareKey(info, key, guardOf(store, info, label, ready));
  } catch (error) {
    if (hasVersion(recordOf(store, ref, label), found.id)) throw error;
    // Somebody destroyed the key while it was opened, and made another.
    return openKey(store, ref, address, ready);
  }
}

/** Adds a key under a label that is free. */
export async function addKey(
  store: Store,
  label: string,
  make: () => Promise<SoftwarePair>,
  { spec = {}, insteadOf }: Pick<KeyRecord, 'spec' | 'insteadOf'>,
  options: CallOptions = {},
  ready: Ready,
): Promise<Key> {
  checkFree(store, label);
  const pair = await make();
  const made = await prepare(store, pair);
  const record = await store.locked(label, options, () => {
    checkFree(store, label);
    return store.write({
      label,
      algorithms: pair.algorithms,
      protection: store.protection,
      ...(Object.keys(spec).length > 0 ? { spec } : {}),
      ...(insteadOf === undefined ? {} : { insteadOf }),
      versions: [made(label, 1)],
    });
  });
  return keyOf(store, record, pair, ready);
}

/** Makes a new version the current one. */
export async function rotateKey(
  store: Store,
  ref: KeyRef,
  label: string,
  options: CallOptions = {},
  ready: Ready,
): Promise<Key> {
  const before = recordOf(store, ref, label);
  const pair = await generateSoftwareKey({ ...before.spec, algorithm: rotatable(before, ref) });
  const made = await prepare(store, pair);
  const record = await store.locked(label, options, () => {
    const now = recordOf(store, ref, label);
    // Another key took the name in the meantime: there is nothing that this would be the successor of.
    if (!hasVersion(now, currentVersion(before).id)) throw noSuchKey(ref);
    return store.write({ ...now, versions: [...now.versions, made(label, currentVersion(now).version + 1)] });
  });
  return keyOf(store, record, pair, ready);
}

/** Changes the state of one version, or of all. Throws `ARGUMENT_INVALID` for what is no state. */
export async function setKeyState(
  store: Store,
  ref: KeyRef,
  { label, version }: LabelRef,
  state: VersionRecord['state'],
  options: CallOptions = {},
): Promise<void> {
  if (!STATES.includes(state)) throw invalid(`a state is one of ${STATES.join(', ')}`, 'state');
  await store.locked(label, options, () => {
    const record = recordOf(store, ref, label);
    if (version !== undefined && !record.versions.some((one) => one.version === version)) {
      throw new Failure('KEY_NOT_FOUND', 'no such version', { ref: String(ref) });
    }
    const versions = record.versions.map((one) =>
      version === undefined || one.version === version ? { ...one, state } : one,
    );
    store.write({ ...record, versions });
  });
}

/** Removes a key with all its versions. */
export async function destroyKey(
  store: Store,
  ref: KeyRef,
  label: string,
  options: CallOptions = {},
): Promise<void> {
  await store.locked(label, options, () => {
    const { versions } = recordOf(store, ref, label);
    store.remove(label);
    for (const { version, spki } of versions) {
      remove(halfPath(store.folder, label, version, spki === undefined));
    }
    syncFolder(store.folder);
  });
}

/** What is known of each version, the current one first. */
export async function infosOf(store: Store, label: string): Promise<readonly KeyInfo[]> {
  const record = store.read(label);
  if (record === undefined) return [];
  return Promise.all(record.versions.toReversed().map((version) => listed(record, version)));
}

/** A key of a kind that this runtime lacks has no public half in the list: one such key hides no other. */
async function listed(record: KeyRecord, version: VersionRecord): Promise<KeyInfo> {
  try {
    return await infoOf(record, version);
  } catch (error) {
    if (!isFailure(error, 'UNSUPPORTED')) throw error;
    const { spki: _, ...rest } = version;
    return infoOf(record, rest);
  }
}

function recordOf(store: Store, ref: KeyRef, label: string): KeyRecord {
  const record = store.read(label);
  if (record !== undefined) return record;
  throw noSuchKey(ref);
}

function noSuchKey(ref: KeyRef): Failure<'KEY_NOT_FOUND'> {
  return new Failure('KEY_NOT_FOUND', 'no such key', { ref: String(ref) });
}

/** Encrypts a private half. What is returned writes it for a version, and says what the record is to say. */
async function prepare(
  store: Store,
  { key, publicKey }: SoftwarePair,
): Promise<(label: string, version: number) => VersionRecord> {
  const id = publicKey?.id ?? encodeHex(randomBytes(8));
  const write = await store.withPassphrase((passphrase) =>
    prepareHalf(key, id, passphrase, store.derivation),
  );
  return (label, version) => {
    write(halfPath(store.folder, label, version, publicKey === undefined));
    return {
      version,
      id,
      state: 'active',
      createdAt: Math.floor(Date.now() / 1000),
      ...(publicKey === undefined ? {} : { spki: encodeBase64(publicKey.spki) }),
    };
  };
}

function hasVersion({ versions }: KeyRecord, id: string): boolean {
  return versions.some((version) => version.id === id);
}

async function infoOf(record: KeyRecord, one: VersionRecord): Promise<KeyInfo> {
  const { version, id, state, createdAt, spki } = one;
  const encrypted = record.protection === 'passphrase';
  const body = formatFileRef({ kind: 'label', label: record.label, version });
  return {
    ref: keyRef('file', body),
    id,
    label: record.label,
    algorithms: record.algorithms,
    state,
    ...(currentVersion(record).version === version ? {} : { superseded: true }),
    createdAt,
    custody: {
      place: 'file',
      level: 'claimed',
      facts: { encrypted, extractable: true, ...standInFacts(record.insteadOf) },
    },
    ...(spki === undefined ? {} : { publicKey: await importPublicKey(decodeBase64(spki, 'store.record')) }),
  };
}

/** The current version, whose private half was never away. */
async function keyOf(store: Store, record: KeyRecord, pair: SoftwarePair, ready: Ready): Promise<Key> {
  const info = await infoOf(record, currentVersion(record));
  return softwareKey(info, pair.key, guardOf(store, info, record.label, ready));
}

/** Lets a key serve what its state allows, as the record says now or said a moment ago. */
function guardOf(store: Store, { ref, id }: KeyInfo, label: string, ready: Ready): Guard {
  let seenAt = Number.NEGATIVE_INFINITY;
  let stamp: string | undefined;
  let state: KeyState = 'destroyed';
  let current = false;

  function refresh(): void {
    const now = performance.now();
    if (now - seenAt < STATE_AGE_MS) return;
    const found = store.stamp();
    if (found !== stamp || found === undefined) {
      const record = store.read(label);
      // By its id: another key may have been made under the name of one that was destroyed.
      state = record?.versions.find((one) => one.id === id)?.state ?? 'destroyed';
      current = record !== undefined && currentVersion(record).id === id;
      stamp = found;
    }
    seenAt = now;
  }

  return (purpose) => {
    ready();
    refresh();
    checkState({ ref, state, ...(current ? {} : { superseded: true }) }, purpose);
  };
}

function rotatable({ algorithms }: KeyRecord, ref: KeyRef): KeyRecord['algorithms'][number] {
  const [name] = algorithms;
  if (name !== undefined && algorithms.length === 1) return algorithm(name).name;
  throw new Failure('UNSUPPORTED', 'a key for several algorithms has no one successor', { ref: String(ref) });
}

function checkFree(store: Store, label: string): void {
  if (!store.labels().includes(label)) return;
  throw new Failure('KEY_EXISTS', 'the key exists', { ref: `file:${label}` });
}
