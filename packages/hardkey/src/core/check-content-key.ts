/**
 * How long what is wrapped may be.
 *
 * @module
 */
import { Failure } from '../errors.ts';
import type { AlgorithmFacts } from './algorithms.ts';
import type { PublicKey } from './public-key.ts';

/**
 * Throws `ARGUMENT_INVALID` for what an algorithm does not wrap. RFC 3394 §2: AES-KW takes two or more blocks
 * of 8 bytes. RFC 5649 §3: AES-KWP takes one byte or more. RFC 8017 §7.1.1: RSA-OAEP takes what the modulus
 * has beside two hashes of SHA-256 and two bytes. What a service takes it says itself.
 */
export function checkContentKey(
  { length }: Uint8Array,
  { name, keyType, padded }: AlgorithmFacts,
  publicKey: PublicKey | undefined,
): void {
  const most = Math.ceil((publicKey?.bits ?? 0) / 8) - 66;
  if (keyType === 'RSA' && publicKey !== undefined && length > most) {
    throw refuse(`RSA-OAEP-256 wraps ${most} bytes at most with this key`, name);
  }
  if (keyType !== 'oct' || (padded ? length > 0 : length >= 16 && length % 8 === 0)) return;
  throw refuse(
    padded ? 'AES-KWP wraps a byte or more' : 'AES-KW wraps 16 bytes or more, a multiple of 8',
    name,
  );
}

function refuse(message: string, algorithm: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { algorithm, field: 'contentKey' });
}
