/**
 * The PKCS #1 RSAPublicKey (RFC 8017 A.1.1): modulus and exponent.
 *
 * @module
 */
import { DerReader, der, derTag, derUnsigned } from '../encoding/der.ts';
import { Failure } from '../errors.ts';

/** Modulus and exponent, big-endian without leading zeros. */
export interface RsaPublicNumbers {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

/** Reads RSAPublicKey. Throws `MALFORMED` unless both numbers are odd and of a sane size. */
export function decodeRsaKey(raw: Uint8Array): RsaPublicNumbers {
  const outer = new DerReader(raw, 'publicKey');
  const body = outer.enter();
  outer.end();
  const modulus = body.unsigned();
  const exponent = body.unsigned();
  body.end();
  const odd = ((modulus.at(-1) ?? 0) & (exponent.at(-1) ?? 0) & 1) === 1;
  // FIPS 186-5 §5.4: the exponent is above 2^16 and below 2^256; 3 is still found and still sound.
  if (!odd || exponent.length > 32 || (exponent.length === 1 && exponent[0] === 1) || modulus.length > 2048) {
    throw new Failure('MALFORMED', 'not an RSA public key', { field: 'publicKey' });
  }
  return { modulus, exponent };
}

/** Writes RSAPublicKey. */
export function encodeRsaKey({ modulus, exponent }: RsaPublicNumbers): Uint8Array<ArrayBuffer> {
  return der(derTag.sequence, derUnsigned(modulus), derUnsigned(exponent));
}

/** Bits of a modulus without leading zeros. */
export function modulusBits(modulus: Uint8Array): number {
  return modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
}
