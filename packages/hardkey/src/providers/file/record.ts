/**
 * What the store knows of a key beside its private half, authenticated.
 *
 * A record is two lines: JSON, and the HMAC-SHA-256 of `hardkey/file-store/v1`, a zero byte and that
 * JSON, in hexadecimal. In a store without a passphrase the second line is `none`: there is no secret
 * to authenticate with.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Algorithm } from '../../core/algorithms.ts';
import type { KeyState } from '../../core/key.ts';
import { fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../encoding/hex.ts';
import { Failure } from '../../errors.ts';

/** One version of a key. Its private half is the file `LABEL.VERSION.pem` or `LABEL.VERSION.jwe`. */
export interface VersionRecord {
  readonly version: number;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly state: KeyState;
  /** Unix seconds. */
  readonly createdAt: number;
  /** SubjectPublicKeyInfo in base64; absent for a symmetric key. */
  readonly spki?: string;
}

/** A key with its versions, the current one last. */
export interface KeyRecord {
  readonly label: string;
  readonly algorithms: readonly Algorithm[];
  /** What protects the private halves. */
  readonly protection: 'passphrase' | 'none';
  /** What `rotate` creates anew, where the algorithm leaves a choice. */
  readonly spec?: { readonly bits?: number; readonly curve?: string };
  readonly versions: readonly VersionRecord[];
}

/** The key that authenticates records; absent in a store without a passphrase. */
export type RecordKey = Uint8Array | undefined;

/** Writes a record. */
export function encodeRecord(record: KeyRecord, key: RecordKey): Uint8Array {
  const json = JSON.stringify(record);
  return utf8(`${json}\n${key === undefined ? 'none' : encodeHex(code(json, key))}\n`);
}

/**
 * Reads a record. Throws `VERIFICATION_FAILED`, check `store.record`, unless it was written with this
 * key for this label.
 */
export function decodeRecord(bytes: Uint8Array, label: string, key: RecordKey, path: string): KeyRecord {
  const [json = '', written = '', rest] = fromUtf8(bytes, 'store.record').split('\n');
  if (rest !== '' || !isAuthentic(json, written, key)) throw changed(path);
  const record = parse(json, path);
  // The label is inside what is authenticated, so that one key's record cannot stand in for another's.
  if (record.label !== label || record.versions.length === 0) throw changed(path);
  return record;
}

/** The current version. */
export function currentVersion({ versions }: KeyRecord): VersionRecord {
  return versions.at(-1) as VersionRecord;
}

function isAuthentic(json: string, written: string, key: RecordKey): boolean {
  if (key === undefined) return written === 'none';
  return /^[0-9a-f]{64}$/.test(written) && timingSafeEqual(decodeHex(written), code(json, key));
}

function code(json: string, key: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update('hardkey/file-store/v1\0').update(json).digest();
}

function parse(json: string, path: string): KeyRecord {
  try {
    return JSON.parse(json) as KeyRecord;
  } catch {
    throw new Failure('MALFORMED', 'the record is not JSON', { field: 'store.record', path });
  }
}

function changed(path: string): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', 'the record of the key was changed outside the store', {
    check: 'store.record',
    path,
  });
}
