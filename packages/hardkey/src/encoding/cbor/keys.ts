/**
 * Map keys that are no primitive values: those that `Map` cannot tell to be equal.
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
