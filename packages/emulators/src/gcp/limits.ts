/**
 * How much one call takes.
 *
 * @module
 */
import { refuse } from './rules.ts';
import type { Key } from './store.ts';

const LARGEST = 64 * 1024;
const LARGEST_OF_HSM = 8 * 1024;
const LARGEST_CODED_BY_HSM = 16 * 1024;

/** Refuses what is larger than a key of its protection level takes: 64 KiB each, or 8 KiB together. */
export function atMost({ protection }: Key, ...parts: readonly Uint8Array[]): void {
  if (parts.some(({ length }) => length > LARGEST))
    throw refuse('larger than 64 KiB', 'The data must be no larger than 64KiB.');
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  if (protection === 'HSM' && total > LARGEST_OF_HSM)
    throw refuse('larger than an HSM takes', 'The data must be no larger than 8KiB together for HSM keys.');
}

/** Refuses data that is larger than a key of its protection level authenticates: 64 KiB, or 16 KiB. */
export function atMostCoded(key: Key, data: Uint8Array): void {
  if (key.protection !== 'HSM') atMost(key, data);
  else if (data.length > LARGEST_CODED_BY_HSM)
    throw refuse('larger than an HSM authenticates', 'The data must be no larger than 16KiB for HSM keys.');
}
