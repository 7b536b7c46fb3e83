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
import { algorithm, type Curve } from '../../core/algorithms.ts';
import { importPublicKey } from '../../core/import-public-key.ts';
import type { Key, KeyInfo, KeyState } from '../../core/key.ts';
import { type KeyRef, keyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import { type FileRef, formatFileRef } from '../../core/refs/file.ts';
import type { Secret } from '../../core/secret.ts';
import { generateSoftwareKey, type SoftwarePair } from '../../core/software/import.ts';
import { checkState, type Guard, softwareKey } from '../../core/software/key.ts';
import { decodeBase64, encodeBase64 } from '../../encoding/base64.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure, isFailure } from '../../errors.ts';
import { remove, syncFolder } from './disk.ts';
import { readPrivateHalf, writePrivateHalf } from './private-half.ts';
import { currentVersion, type KeyRecord, type VersionRecord } from './record.ts';
import type { Store } from './store.ts';

/** Throws when the provider was closed. */
type Ready = () => void;

type LabelRef = Extract<FileRef, { readonly kind: 'label' }>;

/** How long a key goes on with the state it last saw, in milliseconds. */
const STATE_AGE_MS = 100;

/** Opens a version of a key, the current one unless the reference names another. */
export async function openKey(
  store: Store,
  ref: KeyRef,
  { label, version }: LabelRef,
  ready: Ready,
): Promise<Key> {
  const record = recordOf(store, ref, label);
  const found =
    version === undefined ? currentVersion(record) : record.versions.find((v) => v.version === version);
  if (found === undefined) throw new Failure('KEY_NOT_FOUND', 'no such version', { ref: String(ref) });
  const info = await infoOf(record, found);
  const symmetric = found.spki === undefined;
  const path = store.path(label, found.version, symmetric);
  const key = await withPassphrase(store, (passphrase) =>
    readPrivateHalf(path, info.publicKey?.spki, kidOf(label, found.version), passphrase),
  );
  return softwareKey(info, key, guardOf(store, info, label, found.version, ready));
}

/** Adds a key under a label that is free. */
export async function addKey(
  store: Store,
  label: string,
  make: () => Promise<SoftwarePair>,
  spec: NonNullable<KeyRecord['spec']>,
  options: CallOptions = {},
  ready: Ready,
): Promise<Key> {
  if (store.stamp(label) !== undefined) throw exists(label);
  const pair = await make();
  const version = versionOf(1, pair);
  const record: KeyRecord = {
    label,
    algorithms: pair.algorithms,
    protection: store.recordKey === undefined ? 'none' : 'passphrase',
    ...(Object.keys(spec).length > 0 ? { spec } : {}),
    versions: [version],
  };
  const writeHalf = await prepareHalf(store, label, version, pair);
  await store.locked(label, options, () => {
    if (store.stamp(label) !== undefined) throw exists(label);
    writeHalf();
    store.write(record, 'create');
  });
  return keyOf(store, record, version, pair, ready);
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
  const pair = await generateSoftwareKey({ ...specOf(before), algorithm: rotatable(before, ref) });
  for (let attempt = currentVersion(before).version + 1; ; attempt++) {
    const version = versionOf(attempt, pair);
    const writeHalf = await prepareHalf(store, label, version, pair);
    const record = await store.locked(label, options, () => {
      const now = recordOf(store, ref, label);
      // Another process rotated in the meantime: this one comes after it.
      if (currentVersion(now).version >= attempt) return undefined;
      writeHalf();
      const next: KeyRecord = { ...now, versions: [...now.versions, version] };
      store.write(next, 'replace');
      return next;
    });
    if (record !== undefined) return keyOf(store, record, version, pair, ready);
  }
}

/** Changes the state of one version, or of all. */
export async function setKeyState(
  store: Store,
  ref: KeyRef,
  { label, version }: LabelRef,
  state: KeyState,
  options: CallOptions = {},
): Promise<void> {
  await store.locked(label, options, () => {
    const record = recordOf(store, ref, label);
    if (version !== undefined && !record.versions.some((one) => one.version === version)) {
      throw new Failure('KEY_NOT_FOUND', 'no such version', { ref: String(ref) });
    }
    const versions = record.versions.map((one) =>
      version === undefined || one.version === version ? { ...one, state } : one,
    );
    store.write({ ...record, versions }, 'replace');
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
    for (const { version, spki } of versions) remove(store.path(label, version, spki === undefined));
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
  throw new Failure('KEY_NOT_FOUND', 'no such key', { ref: String(ref) });
}

async function prepareHalf(
  store: Store,
  label: string,
  { version, spki }: VersionRecord,
  { key }: SoftwarePair,
): Promise<() => void> {
  const path = store.path(label, version, spki === undefined);
  return withPassphrase(store, (passphrase) =>
    writePrivateHalf(path, key, kidOf(label, version), passphrase),
  );
}

async function withPassphrase<T>(
  store: Store,
  use: (passphrase: Secret | undefined) => Promise<T>,
): Promise<T> {
  const passphrase = await store.passphrase();
  try {
    return await use(passphrase);
  } finally {
    passphrase?.[Symbol.dispose]();
  }
}

function versionOf(version: number, { publicKey }: SoftwarePair): VersionRecord {
  return {
    version,
    id: publicKey?.id ?? encodeHex(randomBytes(8)),
    state: 'active',
    createdAt: Math.floor(Date.now() / 1000),
    ...(publicKey === undefined ? {} : { spki: encodeBase64(publicKey.spki) }),
  };
}

async function infoOf(
  record: KeyRecord,
  { version, id, state, createdAt, spki }: VersionRecord,
): Promise<KeyInfo> {
  const encrypted = record.protection === 'passphrase';
  const body = formatFileRef({ kind: 'label', label: record.label, version });
  return {
    ref: keyRef('file', body),
    id,
    label: record.label,
    algorithms: record.algorithms,
    state,
    createdAt,
    custody: { place: 'file', level: 'claimed', facts: { encrypted, extractable: true } },
    ...(spki === undefined ? {} : { publicKey: await importPublicKey(decodeBase64(spki, 'store.record')) }),
  };
}

async function keyOf(
  store: Store,
  record: KeyRecord,
  version: VersionRecord,
  pair: SoftwarePair,
  ready: Ready,
): Promise<Key> {
  const info = await infoOf(record, version);
  return softwareKey(info, pair.key, guardOf(store, info, record.label, version.version, ready));
}

/** Lets a key serve what its state allows, as the record says now or said a moment ago. */
function guardOf(store: Store, { ref }: KeyInfo, label: string, version: number, ready: Ready): Guard {
  let seenAt = Number.NEGATIVE_INFINITY;
  let stamp: string | undefined;
  let state: KeyState = 'destroyed';
  let current = false;

  function refresh(): void {
    const now = performance.now();
    if (now - seenAt < STATE_AGE_MS) return;
    const found = store.stamp(label);
    if (found !== stamp || found === undefined) {
      const record = store.read(label);
      state = record?.versions.find((one) => one.version === version)?.state ?? 'destroyed';
      current = record !== undefined && currentVersion(record).version === version;
      stamp = found;
    }
    seenAt = now;
  }

  return (purpose) => {
    ready();
    refresh();
    checkState(ref, state, purpose);
    if (current || purpose === 'process' || state !== 'active') return;
    throw new Failure('DENIED', 'a later version took its place', { ref: String(ref), field: 'state' });
  };
}

function rotatable({ algorithms }: KeyRecord, ref: KeyRef): KeyRecord['algorithms'][number] {
  const [name] = algorithms;
  if (name !== undefined && algorithms.length === 1) return algorithm(name).name;
  throw new Failure('UNSUPPORTED', 'a key for several algorithms has no one successor', { ref: String(ref) });
}

function specOf({ spec = {} }: KeyRecord): { bits?: number; curve?: Curve } {
  return {
    ...(spec.bits === undefined ? {} : { bits: spec.bits }),
    ...(spec.curve === undefined ? {} : { curve: spec.curve as Curve }),
  };
}

function kidOf(label: string, version: number): string {
  return `${label}.${version}`;
}

function exists(label: string): Failure<'KEY_EXISTS'> {
  return new Failure('KEY_EXISTS', 'the key exists', { ref: `file:${label}` });
}
