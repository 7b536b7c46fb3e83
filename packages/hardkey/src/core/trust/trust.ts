/**
 * What a verifier trusts: keys, each with its algorithms and its time, and certificate authorities.
 *
 * Trust is an argument of every verification. Nothing found inside a document is added to it.
 *
 * @module
 */
import type { SignatureAlgorithm } from '../algorithms.ts';
import type { PublicKey } from '../public-key.ts';

export { keyIdText } from './key-id.ts';
export { type Check, type SignedBytes, type Trusted, verifyTrusted } from './verify-trusted.ts';

/** A public key that is trusted, and within which limits. Times are Unix seconds. */
export interface TrustedKey {
  readonly publicKey: PublicKey;
  /** The name the source gave the key; a binary COSE kid as `keyIdText` writes it. */
  readonly keyId?: string;
  /** What the key may verify. Empty for a key that is not for signatures, or that the allow-list excludes. */
  readonly algorithms: readonly SignatureAlgorithm[];
  /** First second of validity. */
  readonly notBefore?: number;
  /** Last second of validity. */
  readonly notAfter?: number;
  /** From when on nothing the key signed is accepted; `-Infinity` when it was revoked without a time. */
  readonly revokedAt?: number;
  /** Present when the key is listed and must not be used. */
  readonly inactive?: true;
  /** The certificate the key was given in, DER. */
  readonly certificate?: Uint8Array;
}

/** Everything a verifier trusts. Made by {@link createTrust}. */
export interface Trust {
  /** How many keys and roots there are. */
  readonly size: number;
  readonly keys: readonly TrustedKey[];
  /** Certificates of the authorities that a path may end at, DER. Self-signed or not. */
  readonly roots: readonly Uint8Array[];
  /** The algorithm allow-list, where the caller gave one. Also holds for keys found through a path. */
  readonly algorithms?: readonly SignatureAlgorithm[];
}

/**
 * One form of trust: PEM text (public keys and certificates, any number of blocks), a JWK or JWK Set
 * (object or JSON text), a `trusted_keys.json` (object or text), `ed25519:<hex>`, `p256:<hex>`, DER
 * bytes (SubjectPublicKeyInfo or certificate), COSE_Key or COSE_KeySet bytes, the bytes of a file that
 * holds one of the texts, or a public key.
 */
export type TrustSource = string | Uint8Array | PublicKey | Readonly<Record<string, unknown>>;

/** Limits on everything in a trust. */
export interface TrustOptions {
  /** The only algorithms that are accepted. Default: every algorithm the key itself allows. */
  readonly algorithms?: readonly SignatureAlgorithm[];
}

/**
 * Reads what is trusted. A certificate of an authority (CA:TRUE) becomes a root; any other is a key
 * that is valid as long as the certificate.
 *
 * Throws `MALFORMED` naming the field for anything that is broken or not understood: an entry never
 * vanishes. In a JWK Set or COSE_KeySet, keys of an unknown kind are passed over, as RFC 7517 §5 and
 * RFC 9052 §7 say; alone, they are `UNSUPPORTED`.
 */
export async function createTrust(
  source: TrustSource | readonly TrustSource[],
  options: TrustOptions = {},
): Promise<Trust> {
  throw new Error(`${typeof source}${typeof options}`);
}
