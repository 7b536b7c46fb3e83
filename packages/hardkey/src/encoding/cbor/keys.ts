/**
 * The keys of one map while it is read: none twice, and in order where that is asked for.
 *
 * @module
 */
import { encodeHex } from '../hex.ts';
import { encodeCbor } from './encode.ts';
import type { CborValue } from './value.ts';

/**
 * Names by which keys that are no primitive values are compared. Two encodings of one key (a longer
 * head, another order, pieces) have one name: it is the deterministic encoding.
 */
export class CompositeKeys {
  readonly #names = new Set<string>();

  /** Remembers a key. Whether it is new. */
  add(key: CborValue): boolean {
    const before = this.#names.size;
    return this.#names.add(encodeHex(encodeCbor(key))).size > before;
  }
}

/** Whether `Map` cannot tell that two of them are equal. */
export function isComposite(key: CborValue): boolean {
  return typeof key === 'object' && key !== null;
}

/** Whether the bytes from `a` to `aEnd` come before those from `b` to `bEnd` (RFC 8949 §4.2.1). */
export function isBefore(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  const shared = Math.min(aEnd - a, bEnd - b);
  for (let i = 0; i < shared; i++) {
    const difference = (bytes[a + i] ?? 0) - (bytes[b + i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return aEnd - a < bEnd - b;
}
