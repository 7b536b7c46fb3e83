/**
 * Algorithms and key ids as callbacks see them.
 *
 * @module
 */
import {
  type AeadAlgorithm,
  algorithm,
  isSignatureAlgorithm,
  type SignatureAlgorithm,
} from '../../../core/algorithms.ts';
import { ownBytes, utf8 } from '../../../encoding/bytes.ts';
import { Failure } from '../../../errors.ts';
import type { SignatureName } from './contracts.ts';

/** A `kid` as callers give it: text stands for its UTF-8, `null` for none. */
export type KeyIdSource = string | Uint8Array | null;

/** The algorithm of a name, ours or the callbacks'. Throws `UNSUPPORTED`, or `ARGUMENT_INVALID` when it does not sign. */
export function signatureAlgorithmOf(name: SignatureName | SignatureAlgorithm): SignatureAlgorithm {
  if (name === 'EdDSA') return 'Ed25519';
  if (isSignatureAlgorithm(name)) return name;
  throw new Failure('ARGUMENT_INVALID', 'not a signature algorithm', { algorithm: algorithm(name).name });
}

/** The name that callbacks get. */
export function signatureName(name: SignatureAlgorithm): SignatureName {
  return name === 'Ed25519' ? 'EdDSA' : name;
}

/** Throws `UNSUPPORTED`, or `ARGUMENT_INVALID` when the algorithm does not encrypt. */
export function encryptionAlgorithmOf(name: AeadAlgorithm): AeadAlgorithm {
  const facts = algorithm(name);
  if (facts.operation === 'aead') return name;
  throw new Failure('ARGUMENT_INVALID', 'not an encryption algorithm', { algorithm: facts.name });
}

/** The bytes of a `kid`, on a buffer of their own. */
export function keyIdBytesOf(keyId: KeyIdSource | undefined): Uint8Array | null {
  if (typeof keyId === 'string') return utf8(keyId);
  return keyId === null || keyId === undefined ? null : ownBytes(keyId);
}
