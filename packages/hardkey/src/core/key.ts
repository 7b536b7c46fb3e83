/**
 * What a provider is, and what it hands out.
 *
 * @module
 */
import type { Algorithm, Algorithms, Curve, SignatureAlgorithm } from './algorithms.ts';
import type { KeyRef } from './key-ref.ts';
import type { CallOptions, DigestSigner } from './operations.ts';
import type { PublicKey } from './public-key.ts';
import type { Secret } from './secret.ts';

/** Where the private half lives, and what says so. Only `verifyAttestation` ever reports `attested`. */
export interface Custody {
  readonly place: 'memory' | 'file' | 'os' | 'token' | 'tpm' | 'service' | 'program';
  /** `claimed`: the provider's word. `attributed`: attributes read back from the device. */
  readonly level: 'claimed' | 'attributed';
  readonly facts: Readonly<Record<string, boolean | string>>;
}

/** Whether a key may be used. Only an active key signs or encrypts; a destroyed one does nothing. */
export type KeyState = 'active' | 'suspended' | 'compromised' | 'destroyed';

/** What is known of a key without using it. */
export interface KeyInfo {
  /** Names exactly this key, and its version where the backend has versions. */
  readonly ref: KeyRef;
  /** Short identifier: 16 hexadecimal digits; of the RFC 7638 thumbprint where there is a public key. */
  readonly id: string;
  readonly label?: string;
  /** The algorithms `use` accepts, most preferred first. */
  readonly algorithms: readonly Algorithm[];
  readonly state: KeyState;
  /** A later version has taken its place: it verifies and decrypts, and makes nothing any more. Absent otherwise. */
  readonly superseded?: true;
  readonly custody: Custody;
  /** Unix seconds. */
  readonly createdAt?: number;
  readonly publicKey?: PublicKey;
}

/** A key held somewhere. Holding a `Key` does not mean holding its bytes. */
export interface Key extends KeyInfo {
  /** Binds the key to one algorithm. Throws `UNSUPPORTED` unless it is in {@link algorithms}. */
  use<A extends Algorithm>(algorithm: A): Algorithms[A];
  /** The same for digests. Throws `UNSUPPORTED` where the key or the algorithm signs messages only. */
  useDigest(algorithm: SignatureAlgorithm): DigestSigner;
  /** Evidence of where the key lives, for `verifyAttestation`. Absent where there is none. */
  attest?(options: CallOptions & { readonly nonce: Uint8Array }): Promise<Uint8Array>;
}

/** What to create. */
export interface KeySpec {
  readonly algorithm: Algorithm;
  /** RSA modulus bits: 2048, 3072 (default) or 4096. */
  readonly bits?: number;
  /** For key agreement: P-256 (default), P-384, P-521, X25519 or X448. */
  readonly curve?: Curve;
  readonly label?: string;
}

/** A private or secret key from elsewhere. */
export interface KeyMaterial {
  /** PEM (PKCS #8, encrypted or not, SEC 1, PKCS #1) or JWK text, PKCS #8 DER, or the bytes of a symmetric key. */
  readonly material: Secret;
  /** What opens `material` when it is encrypted. */
  readonly passphrase?: Secret;
  /** What the key will do. Required for symmetric keys; checked against the key otherwise. */
  readonly algorithm?: Algorithm;
}

/** What a provider checks a key for. */
export interface CheckingOptions extends CallOptions {
  /** What the key is to be used for; absent, or not of the key, for what it does most readily. */
  readonly algorithm?: Algorithm;
}

/**
 * Opens keys. An optional method that is present works; one that is absent is not offered. There is
 * no separate flag to disagree with it.
 */
export interface KeyProvider {
  /** The version of this contract that the provider was written for. */
  readonly contract: 1;
  /** The schemes of the references it opens; no other provider of the list has one of them. */
  readonly schemes: readonly string[];

  /** Opens a key. Throws `KEY_NOT_FOUND`, `DENIED` or `UNAVAILABLE`, and never returns nothing. */
  open(ref: KeyRef, options?: CallOptions): Promise<Key>;
  /** Creates a key. Throws `KEY_EXISTS` when the reference names one. */
  create?(ref: KeyRef, spec: KeySpec, options?: CallOptions): Promise<Key>;
  /** Takes in a key from elsewhere, after checking that its halves belong together. */
  import?(ref: KeyRef, material: KeyMaterial, options?: CallOptions): Promise<Key>;
  /** Every key, current version first; each `ref` is one that `open` accepts. */
  list?(options?: CallOptions): AsyncIterable<KeyInfo>;
  /** Makes a new version the current one. Earlier versions go on verifying and decrypting. */
  rotate?(ref: KeyRef, options?: CallOptions): Promise<Key>;
  /**
   * Changes whether the key may be used. Nothing leads back from `destroyed`. Throws `UNSUPPORTED` for
   * `compromised` where the backend has nothing like it.
   */
  setState?(ref: KeyRef, state: Exclude<KeyState, 'destroyed'>, options?: CallOptions): Promise<void>;
  /** Removes the key for good. */
  destroy?(ref: KeyRef, options?: CallOptions): Promise<void>;
  /** Permission, usage and algorithm, before traffic. Where absent, opening the key is the check. */
  check?(ref: KeyRef, options?: CheckingOptions): Promise<void>;

  /** Releases sessions and connections. Safe to call twice; afterwards every call is `UNAVAILABLE`. */
  close(): Promise<void>;
}
