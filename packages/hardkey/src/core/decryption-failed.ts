/**
 * What everything that does not open is told as.
 *
 * @module
 */
import { Failure } from '../errors.ts';

/** The one failure of decrypting and unwrapping, whatever went wrong: its cause is not kept. */
export function decryptionFailed(algorithm: string): Failure<'DECRYPTION_FAILED'> {
  return new Failure('DECRYPTION_FAILED', 'the ciphertext does not open with this key', { algorithm });
}
