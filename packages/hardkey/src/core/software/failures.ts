/**
 * The failures both runtimes report alike.
 *
 * @module
 */
import { Failure } from '../../errors.ts';

/** The one failure of decrypting and unwrapping, whatever went wrong: its cause is not kept. */
export function decryptionFailed(algorithm: string): Failure<'DECRYPTION_FAILED'> {
  return new Failure('DECRYPTION_FAILED', 'the ciphertext does not open with this key', { algorithm });
}

/** A runtime that lacks an algorithm. */
export function unsupported(runtime: string, algorithm: string, cause?: unknown): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', `${runtime} has no ${algorithm}`, { algorithm }, cause);
}
