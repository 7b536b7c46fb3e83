/**
 * The keys of a map, none of which may be there twice.
 *
 * @module
 */
import { encodeHex } from '../hex.ts';
import { encodeCbor } from './encode.ts';
import type { CborValue } from './value.ts';

/** Keys that were seen. */
export class Keys {
  readonly #ascending: CborValue[] = [];
  #last = Number.NEGATIVE_INFINITY;
  #seen: Set<CborValue> | undefined;
  #composites: Set<string> | undefined;

  /**
   * Remembers a key. Whether it is new: numbers that ascend, as nearly all maps have them, are without a
   * look at those before.
   */
  add(key: CborValue): boolean {
    if (this.#seen === undefined && typeof key === 'number' && key > this.#last) {
      this.#last = key;
      this.#ascending.push(key);
      return true;
    }
    if (isComposite(key)) {
      this.#composites ??= new Set();
      return isAdded(this.#composites, nameOf(key));
    }
    this.#seen ??= new Set(this.#ascending);
    return isAdded(this.#seen, key);
  }
}

function isAdded<T>(to: Set<T>, one: T): boolean {
  const before = to.size;
  return to.add(one).size > before;
}

/** Whether a set cannot tell that two of them are equal. */
function isComposite(key: CborValue): boolean {
  return typeof key === 'object' && key !== null;
}

/**
 * A name by which keys that are no primitive values are compared. Two encodings of one key (a longer head,
 * another order, pieces) have one name: it is the deterministic encoding.
 */
function nameOf(key: CborValue): string {
  return encodeHex(encodeCbor(key));
}
