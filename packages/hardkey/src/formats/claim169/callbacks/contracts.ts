/**
 * What a caller's own cryptography looks like: four functions, each of which may answer at once or
 * with a promise.
 *
 * @module
 */
import type { AeadAlgorithm, SignatureAlgorithm } from '../../../core/algorithms.ts';
import type { Soon } from '../../../core/crypto/types.ts';
import type { Sealed } from '../../../core/operations.ts';

/** Names of signature algorithms as callbacks get them: those of JOSE. Ed25519 is `EdDSA`. */
export type SignatureName = 'EdDSA' | Exclude<SignatureAlgorithm, 'Ed25519'>;

/** Names of encryption algorithms as callbacks get them. */
export type EncryptionName = AeadAlgorithm;

/**
 * Signs `data`, the Sig_structure of RFC 9052 §4.4, hashing it as the algorithm says. Answers with the
 * signature: for ECDSA r‖s of fixed width, for `EdDSA` 64 bytes. `keyId` is the `kid` as it will be
 * written, or null for none.
 */
export type SignerCallback = (
  algorithm: SignatureName,
  keyId: Uint8Array | null,
  data: Uint8Array,
) => Soon<Uint8Array>;

/**
 * Says whether `signature` over `data` is genuine. Only `true` and `{ valid: true }` accept, `false`
 * and `{ valid: false }` reject, and every other answer is an error. One that answers nothing and
 * throws instead is wrapped in `throwingVerifier`. `keyId` is the `kid` as it stands in the token: a
 * claim of whoever made it.
 */
export type VerifierCallback = (
  algorithm: SignatureName,
  keyId: Uint8Array | null,
  data: Uint8Array,
  signature: Uint8Array,
) => Soon<boolean | { readonly valid: boolean }>;

/** A verifier that answers nothing when the signature is genuine, and throws when it is not. */
export type ThrowingVerifierCallback = (
  algorithm: SignatureName,
  keyId: Uint8Array | null,
  data: Uint8Array,
  signature: Uint8Array,
) => Soon<void>;

/**
 * Encrypts `plaintext` and authenticates it with `aad`. Answers with ciphertext‖tag under the given
 * nonce of 12 bytes, or with both when the nonce is of its own making.
 */
export type EncryptorCallback = (
  algorithm: EncryptionName,
  keyId: Uint8Array | null,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
) => Soon<Uint8Array | Sealed>;

/** Opens ciphertext‖tag, and answers with the plaintext. Throws when it does not open. */
export type DecryptorCallback = (
  algorithm: EncryptionName,
  keyId: Uint8Array | null,
  nonce: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
) => Soon<Uint8Array>;
