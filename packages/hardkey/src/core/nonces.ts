/**
 * Nonces: random, 96 bits, and not too many of them for one key.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import { Failure } from '../errors.ts';

/** Bytes of a nonce of every AEAD there is here. */
export const nonceLength = 12;

/** NIST SP 800-38D §8.3: random nonces collide too easily beyond this many for one key. */
const LIMIT = 2 ** 32;

const drawn = new WeakMap<object, number>();

/**
 * A nonce for `owner`, which stands for a key. Throws `DENIED` when it has had too many. The count
 * is of this process: a key that several use, or that lives on, is limited where it lives.
 */
export function nextNonce(owner: object, limit: number = LIMIT): Uint8Array<ArrayBuffer> {
  const count = (drawn.get(owner) ?? 0) + 1;
  if (count > limit) {
    throw new Failure('DENIED', 'the key has encrypted too often: rotate it', { field: 'nonce' });
  }
  drawn.set(owner, count);
  return randomBytes(nonceLength);
}
