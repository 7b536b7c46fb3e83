/**
 * What keys held by this process need of a runtime. `node.ts` and `web.ts` are the two
 * implementations behind the import `#software`. No verify path reaches this folder.
 *
 * @module
 */
import type { AlgorithmFacts, Curve } from '../algorithms.ts';
import type { Soon } from '../crypto/types.ts';
import type { Sealed } from '../operations.ts';
import type { PublicKey } from '../public-key.ts';

/** A private or secret key of the runtime. Opaque: it prints nothing. */
export interface SoftwareKey {
  /** SubjectPublicKeyInfo of the public half; absent for a symmetric key. */
  readonly spki?: Uint8Array;
  /** Bits of a symmetric key. */
  readonly bits?: number;
}

/** What to generate. */
export interface GenerateOptions {
  /** RSA modulus bits. */
  readonly bits?: number;
  /** For key agreement. */
  readonly curve?: Curve;
}

/** One runtime's private-key operations. Every one throws `UNSUPPORTED` for what the runtime lacks. */
export interface RuntimeSoftware {
  readonly generate: (facts: AlgorithmFacts, options: GenerateOptions) => Promise<SoftwareKey>;
  /**
   * Reads PKCS #8 DER, PEM (PKCS #8, encrypted or not, SEC 1, PKCS #1) or JWK text. Throws `MALFORMED`
   * for what is none of them, `ARGUMENT_INVALID` when an encrypted key comes without a passphrase
   * and `DENIED` when the passphrase is wrong.
   */
  readonly importPrivate: (material: Uint8Array, passphrase?: Uint8Array) => Promise<SoftwareKey>;
  readonly importSecret: (bytes: Uint8Array) => Promise<SoftwareKey>;
  /** PKCS #8 DER of a private key, the bytes of a symmetric one. The caller zeroes them. */
  readonly exportKey: (key: SoftwareKey) => Promise<Uint8Array>;
  readonly sign: (key: SoftwareKey, facts: AlgorithmFacts, message: Uint8Array) => Soon<Uint8Array>;
  /** Whether the runtime signs digests with an algorithm. */
  readonly signsDigests: (facts: AlgorithmFacts) => boolean;
  readonly signDigest: (key: SoftwareKey, facts: AlgorithmFacts, digest: Uint8Array) => Soon<Uint8Array>;
  readonly encrypt: (
    key: SoftwareKey,
    facts: AlgorithmFacts,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    aad: Uint8Array,
  ) => Soon<Uint8Array>;
  /** Throws `DECRYPTION_FAILED`, whatever was wrong. */
  readonly decrypt: (
    key: SoftwareKey,
    facts: AlgorithmFacts,
    sealed: Sealed,
    aad: Uint8Array,
  ) => Soon<Uint8Array>;
  readonly wrap: (key: SoftwareKey, facts: AlgorithmFacts, contentKey: Uint8Array) => Soon<Uint8Array>;
  /** Throws `DECRYPTION_FAILED`, whatever was wrong. */
  readonly unwrap: (key: SoftwareKey, facts: AlgorithmFacts, wrapped: Uint8Array) => Soon<Uint8Array>;
  readonly mac: (key: SoftwareKey, facts: AlgorithmFacts, message: Uint8Array) => Soon<Uint8Array>;
  /** Whether the code is right, compared in a time that does not depend on where it is wrong. */
  readonly verifyMac: (
    key: SoftwareKey,
    facts: AlgorithmFacts,
    message: Uint8Array,
    code: Uint8Array,
  ) => Soon<boolean>;
  readonly agree: (key: SoftwareKey, peer: PublicKey) => Soon<Uint8Array>;
  /** HKDF with SHA-256 (RFC 5869). */
  readonly hkdf: (secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) => Soon<Uint8Array>;
}
