/**
 * What the server says of a key, read once.
 *
 * @module
 */
import { isFlag, isJsonObject, isText, type JsonObject } from '../../core/trust/strict-json.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { type TypeRow, typeRow } from './algorithms.ts';
import { malformedAnswer } from './failures.ts';

/** One version of a key. */
export interface VersionData {
  /** PEM, or base64 of the bytes. */
  readonly publicKey?: string;
  /** Unix seconds. */
  readonly createdAt?: number;
}

/** A key with its versions. */
export interface KeyData {
  readonly type: string;
  /** Absent for a type that nothing here can be done with. */
  readonly row: TypeRow | undefined;
  readonly latest: number;
  /** Those that are there, by number. */
  readonly versions: ReadonlyMap<number, VersionData>;
  /** It is many keys, one for each context. */
  readonly derived: boolean;
  /** Encrypts the same to the same. */
  readonly convergent: boolean;
  readonly softDeleted: boolean;
  readonly deletionAllowed: boolean;
  /** Bytes of an HMAC key. */
  readonly keySize?: number;
  /** What the server says of where the key came from, and how it could leave. */
  readonly facts: Readonly<Record<string, boolean>>;
}

/** Of a key that shows none: one an hour, for half a century. */
const MOST_VERSIONS = 2 ** 19;

const FACTS = {
  imported: 'imported_key',
  exportable: 'exportable',
  plaintextBackup: 'allow_plaintext_backup',
} as const;

/** Reads the `data` of a key. Throws `MALFORMED` with the field. */
export function readKeyData(data: JsonObject, details: FailureDetails): KeyData {
  const { type, latest_version: latest, key_size: keySize } = data;
  if (!isText(type)) throw malformedAnswer('type', details);
  if (!isVersion(latest)) throw malformedAnswer('latest_version', details);
  return {
    type,
    row: typeRow(type),
    latest,
    versions: versionsOf(data, latest, details),
    derived: data['derived'] === true,
    convergent: data['convergent_encryption'] === true,
    softDeleted: data['soft_deleted'] === true,
    deletionAllowed: data['deletion_allowed'] === true,
    ...(typeof keySize === 'number' && keySize > 0 ? { keySize } : {}),
    facts: Object.fromEntries(
      Object.entries(FACTS).flatMap(([name, field]) => {
        const value = data[field];
        return isFlag(value) ? [[name, value] as const] : [];
      }),
    ),
  };
}

/** One version. Throws `KEY_NOT_FOUND` for one that never was or is no more. */
export function versionData({ versions }: KeyData, version: number, details: FailureDetails): VersionData {
  const found = versions.get(version);
  if (found !== undefined) return found;
  throw new Failure('KEY_NOT_FOUND', 'no such version', { ...details, field: 'vault.version' });
}

function versionsOf(
  { keys, min_decryption_version: oldest }: JsonObject,
  latest: number,
  details: FailureDetails,
): ReadonlyMap<number, VersionData> {
  // Of HMAC keys there is nothing to be said, so that no list is given.
  if (keys === undefined) {
    const first = isVersion(oldest) ? oldest : 1;
    if (latest - first >= MOST_VERSIONS) throw malformedAnswer('keys', details);
    return new Map(Array.from({ length: latest - first + 1 }, (_, at) => [first + at, {}]));
  }
  if (!isJsonObject(keys)) throw malformedAnswer('keys', details);
  return new Map(
    Object.entries(keys).map(([name, value]) => {
      const version = Number(name);
      if (!isVersion(version)) throw malformedAnswer('keys', details);
      return [version, versionOf(value, details)];
    }),
  );
}

/** Of a secret key, when it was made is all there is. */
function versionOf(value: unknown, details: FailureDetails): VersionData {
  if (typeof value === 'number') return { createdAt: value };
  if (!isJsonObject(value)) throw malformedAnswer('keys', details);
  const { public_key: publicKey, creation_time: created } = value;
  const seconds = isText(created) ? Math.floor(Date.parse(created) / 1000) : Number.NaN;
  return {
    ...(isText(publicKey) && publicKey !== '' ? { publicKey } : {}),
    ...(Number.isNaN(seconds) ? {} : { createdAt: seconds }),
  };
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 31;
}
