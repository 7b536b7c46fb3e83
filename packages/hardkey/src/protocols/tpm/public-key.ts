/**
 * The public key and the signature of a TPM in the forms that everybody else has.
 *
 * @module
 */
import { concat } from '../../encoding/bytes.ts';
import { der, derTag, derUnsigned } from '../../encoding/der.ts';
import { encodeTpm, u32 } from './codec.ts';
import { coordinateBytes, type TpmCurve } from './identifiers.ts';
import type { PublicArea } from './public-area.ts';
import type { TpmSignature } from './structures.ts';

/** A public key: an uncompressed SEC 1 point, or a PKCS #1 RSAPublicKey. */
export type TpmKeyParts =
  | { readonly keyType: 'EC'; readonly curve: TpmCurve; readonly raw: Uint8Array }
  | { readonly keyType: 'RSA'; readonly raw: Uint8Array };

/** What Part 2 §12.2.3.5 means by an exponent of zero. */
export const usualExponent = 65_537;

/** The public key in a public area; undefined for what is no asymmetric key. */
export function keyPartsOf(area: PublicArea): TpmKeyParts | undefined {
  if (area.type === 'RSA') {
    const exponent = encodeTpm(u32, area.exponent === 0 ? usualExponent : area.exponent);
    const raw = der(derTag.sequence, derUnsigned(area.unique), derUnsigned(exponent));
    return { keyType: 'RSA', raw };
  }
  if (area.type !== 'ECC') return undefined;
  const { curve, unique } = area;
  const width = coordinateBytes[curve];
  const raw = concat(Uint8Array.of(4), padded(unique.x, width), padded(unique.y, width));
  return { keyType: 'EC', curve, raw };
}

/** A signature of `length` bytes: r‖s of fixed width (RFC 9053 §2.1), or the number of RSA. */
export function signatureBytes(signature: TpmSignature, length: number): Uint8Array {
  if (signature.algorithm !== 'ECDSA') return padded(signature.signature, length).slice();
  const half = length / 2;
  return concat(padded(signature.r, half), padded(signature.s, half));
}

/** A number with the zeros that its width asks for. What is longer stays as it is. */
export function padded(number: Uint8Array, length: number): Uint8Array {
  if (number.length >= length) return number;
  const out = new Uint8Array(length);
  out.set(number, length - number.length);
  return out;
}
