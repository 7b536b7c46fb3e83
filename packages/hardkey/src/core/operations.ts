/**
 * The operations a key performs. One job each; key and algorithm are bound before the operation
 * exists, so a call has nothing left to get wrong.
 *
 * @module
 */
import type {
  AeadAlgorithm,
  AgreementAlgorithm,
  MacAlgorithm,
  SignatureAlgorithm,
  WrapAlgorithm,
} from './algorithms.ts';
import type { KeyInfo } from './key.ts';
import type { PublicKey } from './public-key.ts';

/** Accepted by every call that may wait. */
export interface CallOptions {
  /** Ends the call: it rejects with the reason the signal was given. */
  readonly signal?: AbortSignal;
  /** When the call must have ended, in milliseconds of `performance.now()`. Never extended on the way down. */
  readonly deadline?: number;
  /** Whose call it is, for fair queueing between callers. An identifier, never a credential. */
  readonly caller?: string;
}

/** What every operation is bound to. */
export interface Bound<A extends string> {
  readonly algorithm: A;
  /** The key; its reference is pinned to the exact version. */
  readonly key: KeyInfo;
}

/** Signs messages. */
export interface Signer extends Bound<SignatureAlgorithm> {
  readonly publicKey: PublicKey;
  /**
   * Signs `message`, hashing it as the algorithm says. ECDSA results are r‖s of fixed width
   * (RFC 9053 §2.1), whatever the device returns.
   */
  sign(message: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
}

/** Signs digests that were computed elsewhere. EdDSA and ML-DSA have none. */
export interface DigestSigner extends Bound<SignatureAlgorithm> {
  readonly publicKey: PublicKey;
  /** Signs a digest of exactly the length of the algorithm's hash, or throws `ARGUMENT_INVALID`. */
  signDigest(digest: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
}

/** A ciphertext with the nonce it needs: formats carry both. */
export interface Sealed {
  /** 12 bytes for every AEAD of the table. */
  readonly nonce: Uint8Array;
  /** The ciphertext followed by the 16-byte tag. */
  readonly ciphertext: Uint8Array;
}

/** The encrypting half of an {@link Aead}. */
export interface Encryptor extends Bound<AeadAlgorithm> {
  /**
   * Encrypts and authenticates. The nonce is drawn at random unless a format fixes it; a nonce used
   * twice with one key gives the key away, so a caller that passes one answers for it.
   */
  encrypt(
    plaintext: Uint8Array,
    aad: Uint8Array,
    options?: CallOptions & { readonly nonce?: Uint8Array },
  ): Promise<Sealed>;
}

/** The decrypting half of an {@link Aead}. */
export interface Decryptor extends Bound<AeadAlgorithm> {
  /** The plaintext, or `DECRYPTION_FAILED`: one failure, whatever was wrong. */
  decrypt(sealed: Sealed, aad: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
}

/** AES-GCM and its like. */
export interface Aead extends Encryptor, Decryptor {}

/** Wraps content keys for whoever can unwrap them. */
export interface WrappingKey extends Bound<WrapAlgorithm> {
  wrap(contentKey: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
}

/** RSA-OAEP-256, AES-KW, AES-KWP, or the opaque encryption of a service: everything but the key is hidden. */
export interface KeyWrapper extends WrappingKey {
  /** The content key, or `DECRYPTION_FAILED`: one failure, whatever was wrong. */
  unwrap(wrapped: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** A content key of so many bytes that the service draws, in clear and wrapped. Absent where none does. */
  generateKey?(length: number, options?: CallOptions): Promise<GeneratedKey>;
}

/** A content key that a service drew. */
export interface GeneratedKey {
  readonly contentKey: Uint8Array;
  readonly wrapped: Uint8Array;
}

/** Makes and checks authentication codes. */
export interface Mac extends Bound<MacAlgorithm> {
  /** The code of `message`, as long as the hash. */
  mac(message: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** Returns when `code` is right, and throws `VERIFICATION_FAILED` when it is not. */
  verifyMac(message: Uint8Array, code: Uint8Array, options?: CallOptions): Promise<void>;
}

/** Agrees on a shared secret with the owner of another key of the same curve. */
export interface KeyAgreement extends Bound<AgreementAlgorithm> {
  readonly publicKey: PublicKey;
  /**
   * The raw shared secret (SP 800-56A §5.7.1; RFC 7748 §6), which is no key: the format derives one.
   * An all-zero secret is refused.
   */
  agree(peer: PublicKey, options?: CallOptions): Promise<Uint8Array>;
}
