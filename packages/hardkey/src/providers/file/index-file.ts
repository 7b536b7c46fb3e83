/**
 * Which record of each key is the last one. The index is the moment a change happens: it changes whole,
 * after everything that it names is durable, and what it does not name is never read.
 *
 * A record of its own is authentic for ever. Without the index whoever can write could put back the
 * record from before a key was revoked, or take one away.
 *
 * @module
 */
import { isLabel } from '../../core/refs/labels.ts';
import { Failure } from '../../errors.ts';
import { decodeAuthentic, encodeAuthentic, type RecordKey } from './authentic.ts';

/** The index of a store. */
export interface StoreIndex {
  /** How many writes there have been. */
  readonly serial: number;
  /** The write that the record of each label is of. */
  readonly records: ReadonlyMap<string, number>;
}

/** The index of a store without keys. */
export const EMPTY: StoreIndex = { serial: 0, records: new Map() };

/** Writes an index. */
export function encodeIndex({ serial, records }: StoreIndex, key: RecordKey): Uint8Array {
  return encodeAuthentic('index', { serial, records: [...records] }, key);
}

/** Reads one. Throws `VERIFICATION_FAILED`, check `store.index`, and `MALFORMED` for what is none. */
export function decodeIndex(bytes: Uint8Array, key: RecordKey, path: string): StoreIndex {
  const { serial, records } = decodeAuthentic('index', bytes, key, path);
  if (isSerial(serial) && Array.isArray(records) && records.every(isEntry)) {
    return { serial, records: new Map(records) };
  }
  throw new Failure('MALFORMED', 'not an index of this version', { field: 'store.index', path });
}

function isEntry(value: unknown): value is [string, number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [label, serial] = value as readonly unknown[];
  return typeof label === 'string' && isLabel(label) && isSerial(serial);
}

function isSerial(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
