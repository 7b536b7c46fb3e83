/**
 * What a device is asked to sign to find out whether it signs: something that nobody could want signed.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import { concat, utf8 } from '../../encoding/bytes.ts';
import type { Custody } from '../key.ts';

/** Nothing else that is signed begins like this. */
const CONTEXT = 'hardkey-selftest-v1\0';
const NONCE_LENGTH = 32;

/** Where a signature of our own costs no money. It may cost a counter of the token, and a line of its log. */
const TESTED: readonly Custody['place'][] = ['token'];

/** Whether a key is tried with a signature of our own before it is given a caller's message again. */
export function isSelfTested({ place }: Custody): boolean {
  return TESTED.includes(place);
}

/** A new message each time, so that no answer can be one from before. */
export function selfTestMessage(): Uint8Array {
  return concat(utf8(CONTEXT), randomBytes(NONCE_LENGTH));
}
