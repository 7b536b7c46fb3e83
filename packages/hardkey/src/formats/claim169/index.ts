/**
 * Claim 169: identity credentials in a QR code (specification 1.2.1).
 *
 * @module
 */
import { type OpeningKey, openEncrypted } from '../cose/open-encrypted.ts';
import { type Decoded, type DecodeOptions, decodeText } from './decode.ts';

export { decodeBase45, encodeBase45 } from '../../encoding/base45.ts';
export type { CompressionFormat } from './compression/types.ts';
export type { Decoded, DecodeOptions, Meta, Status, Verification } from './decode.ts';
export type { Warning } from './decode-identity.ts';
export { type Encoded, type EncodeOptions, encode } from './encode.ts';
export type { Biometric, Identity } from './fields.ts';
export { type Inspected, inspect } from './inspect.ts';
export { identityFromJson, identityToJson } from './json.ts';
export type { TextLimits } from './layers.ts';

/** Options of decoding with a key for what is encrypted. */
export interface DecodeWithKeyOptions extends DecodeOptions {
  /** Opens a COSE_Encrypt0 (an Aead) or a COSE_Encrypt (a KeyWrapper or a KeyAgreement). */
  readonly decryptWith?: OpeningKey;
}

/**
 * Decodes, decrypts if needed, and verifies a QR text. Decryption comes first and proves nothing: the
 * signature inside must verify all the same.
 *
 * Throws `MALFORMED` with the layer in `field` (`base45`, `compression`, `cose`, `cwt`, `claim169`),
 * `DECRYPTION_FAILED`, `VERIFICATION_FAILED` with the check that failed, and `EXPIRED` or
 * `NOT_YET_VALID` for a genuine credential out of its time, unless `time: 'report'` asks to have it
 * returned. Without `trust` and without `allowUnsigned` it is `ARGUMENT_INVALID`.
 */
export async function decode(text: string, options: DecodeWithKeyOptions): Promise<Decoded> {
  const { decryptWith: key, ...rest } = options;
  return decodeText(text, rest, key === undefined ? undefined : (cose) => openEncrypted(cose, key));
}
