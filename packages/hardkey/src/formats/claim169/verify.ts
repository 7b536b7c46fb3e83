/**
 * Reading and verifying Claim 169 credentials, and nothing else: small enough for a browser, and
 * without any operation on a private key.
 *
 * @module
 */
import { type Decoded, type DecodeOptions, decodeText } from './decode.ts';
import type { PrivateValues } from './private-fields.ts';

export { createTrust, type Trust, type TrustSource } from '../../core/trust/trust.ts';
export type { Decoded, DecodeOptions, Meta, Status, Verification } from './decode.ts';
export type { Biometric, Identity } from './fields.ts';
export { identityToJson, metaToJson } from './json.ts';
export type { Profile } from './profile.ts';
export type { Warning, WarningCode } from './warnings.ts';

/**
 * Decodes and verifies a QR text that is not encrypted.
 *
 * Throws `MALFORMED` with the layer in `field` (`base45`, `compression`, `cose`, `cwt`, `claim169`),
 * `VERIFICATION_FAILED` with the check that failed, and `EXPIRED` or `NOT_YET_VALID` for a genuine
 * credential out of its time, unless `time: 'report'` asks to have it returned.
 */
export async function verifyText<V extends PrivateValues>(
  text: string,
  options: DecodeOptions<V>,
): Promise<Decoded<V>> {
  return decodeText(text, options);
}
