/**
 * ECDSA over a digest: node:crypto signs messages only, and services sign digests.
 *
 * @module
 */
import type { KeyObject } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';

/** The curves of the services, by the name that a JWK has for them. */
export type EcdsaCurve = 'P-256' | 'P-384' | 'P-521' | 'secp256k1';

const CURVES = { 'P-256': p256, 'P-384': p384, 'P-521': p521, secp256k1 } as const;

/** How a signature is written: two numbers of fixed width, or a DER sequence of two. */
export type EcdsaForm = 'compact' | 'der';

/** Signs the digest as it stands. A digest longer than the curve is cut, as FIPS 186-5 §6.4 says. */
export function signEcdsa(
  key: KeyObject,
  curve: EcdsaCurve,
  digest: Uint8Array,
  form: EcdsaForm,
): Uint8Array {
  const { d = '' } = key.export({ format: 'jwk' });
  const scalar = new Uint8Array(Buffer.from(d, 'base64url'));
  return CURVES[curve].sign(new Uint8Array(digest), scalar, { prehash: false, lowS: false, format: form });
}

/** Whether a signature of fixed width is over the digest. */
export function verifyEcdsa(
  key: KeyObject,
  curve: EcdsaCurve,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const coordinates = [x, y].map((one) => Buffer.from(one, 'base64url'));
  const point = new Uint8Array(Buffer.concat([Buffer.of(4), ...coordinates]));
  const given = new Uint8Array(signature);
  try {
    return CURVES[curve].verify(given, new Uint8Array(digest), point, { prehash: false, lowS: false });
  } catch {
    // The library throws on a signature that is none.
    return false;
  }
}
