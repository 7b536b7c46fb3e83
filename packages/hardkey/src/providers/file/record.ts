/**
 * What the store knows of a key beside its private half.
 *
 * @module
 */
import { type Algorithm, algorithm, type Curve } from '../../core/algorithms.ts';
import type { KeyState } from '../../core/key.ts';
import { isJsonObject, isList, isText, type JsonObject, member } from '../../core/trust/strict-json.ts';
import { Failure } from '../../errors.ts';
import { changed, decodeAuthentic, encodeAuthentic, type RecordKey } from './authentic.ts';

/** One version of a key. Its private half is the file `LABEL.VERSION.pem` or `LABEL.VERSION.jwe`. */
export interface VersionRecord {
  readonly version: number;
  /** 16 hexadecimal digits: of the thumbprint, or random for a symmetric key. */
  readonly id: string;
  readonly state: Exclude<KeyState, 'destroyed'>;
  /** Unix seconds. */
  readonly createdAt: number;
  /** SubjectPublicKeyInfo in base64; absent for a symmetric key. */
  readonly spki?: string;
}

/** A key with its versions, the current one last. */
export interface KeyRecord {
  readonly label: string;
  /** The number of the write that this is, counted over the whole store. */
  readonly serial: number;
  readonly algorithms: readonly Algorithm[];
  /** What protects the private halves. */
  readonly protection: Protection;
  /** What `rotate` creates anew, where the algorithm leaves a choice. */
  readonly spec?: { readonly bits?: number; readonly curve?: Curve };
  /** The backend that was asked for, where its absence let this key be made here. */
  readonly insteadOf?: string;
  readonly versions: readonly VersionRecord[];
}

/** What keeps the private halves of a store. */
export type Protection = 'passphrase' | 'none';

/** The states that a key can be set to. */
export const STATES: readonly string[] = ['active', 'suspended', 'compromised'] satisfies KeyState[];

/** Writes a record. */
export function encodeRecord(record: KeyRecord, key: RecordKey): Uint8Array {
  return encodeAuthentic('record', record, key);
}

/**
 * Reads a record. Throws `VERIFICATION_FAILED`, check `store.record`, unless it was written with this
 * key for this label by this write, and `MALFORMED` for what is no record.
 */
export function decodeRecord(
  bytes: Uint8Array,
  { label, serial }: Pick<KeyRecord, 'label' | 'serial'>,
  key: RecordKey,
  path: string,
): KeyRecord {
  const found = decodeAuthentic('record', bytes, key, path);
  const record = parseRecord(found, path);
  // Both are inside what is authenticated: neither another key's record stands in for this one, nor an
  // earlier one of its own, nor one of a store that keeps its keys otherwise.
  const protection: Protection = key === undefined ? 'none' : 'passphrase';
  if (record.label === label && record.serial === serial && record.protection === protection) return record;
  throw changed('record', path);
}

/** The current version. */
export function currentVersion({ versions }: KeyRecord): VersionRecord {
  return versions.at(-1) as VersionRecord;
}

function parseRecord(found: JsonObject, path: string): KeyRecord {
  const names = member(found, 'algorithms', isList, 'store.record') ?? [];
  const versions = member(found, 'versions', isList, 'store.record') ?? [];
  const right =
    isText(found['label']) &&
    isCount(found['serial']) &&
    isText(found['protection']) &&
    isSpec(found['spec']) &&
    (found['insteadOf'] === undefined || isText(found['insteadOf'])) &&
    names.length > 0 &&
    names.every(isAlgorithm) &&
    versions.length > 0 &&
    versions.every(
      (one, at) => isVersion(one) && one.version > ((versions[at - 1] as VersionRecord)?.version ?? 0),
    );
  if (right) return found as object as KeyRecord;
  throw new Failure('MALFORMED', 'not a record of this version', { field: 'store.record', path });
}

function isVersion(value: unknown): value is VersionRecord {
  if (!isJsonObject(value)) return false;
  const { version, id, state, createdAt, spki } = value;
  return (
    isCount(version) &&
    isText(id) &&
    /^[0-9a-f]{16}$/.test(id) &&
    isText(state) &&
    STATES.includes(state) &&
    Number.isSafeInteger(createdAt) &&
    (spki === undefined || isText(spki))
  );
}

function isSpec(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isJsonObject(value)) return false;
  const { bits, curve } = value;
  return (bits === undefined || isCount(bits)) && (curve === undefined || isText(curve));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function isAlgorithm(value: unknown): boolean {
  return isText(value) && algorithm(value).name === value;
}
