/**
 * Reads CBOR (RFC 8949): well-formed, bounded, without duplicate map keys, and telling where each
 * entry stands, so that what is not understood can be kept byte for byte.
 *
 * @module
 */
import { invalid } from '../../errors.ts';
import type { CborLimits } from './limits.ts';
import { type CborEntry, CborReader } from './reader.ts';
import type { CborValue } from './value.ts';

/** Reads exactly one item. Throws `MALFORMED` with the offset, also for bytes after it. */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = {}): CborValue {
  if (!(bytes instanceof Uint8Array)) throw invalid('bytes are needed', limits.field ?? 'bytes');
  const reader = new CborReader(bytes, limits);
  const value = reader.value();
  reader.end();
  return value;
}

/** Reads exactly one map, as entries with places. */
export function decodeCborEntries(bytes: Uint8Array, limits: CborLimits = {}): readonly CborEntry[] {
  const reader = new CborReader(bytes, limits);
  const entries = reader.entries();
  reader.end();
  return entries;
}
