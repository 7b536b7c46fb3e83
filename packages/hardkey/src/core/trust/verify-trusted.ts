/**
 * Verification against a trust: which key, whether it may be used now, and whether it signed.
 *
 * @module
 */
import type { SignatureAlgorithm } from '../algorithms.ts';
import type { CertificateHash } from '../x509/x5t.ts';
import type { Trust, TrustedKey } from './trust.ts';

/** One thing that was checked. */
export interface Check {
  /** Stable name, for example `key.not-after` or `x509.path-length`. */
  readonly name: string;
  readonly passed: boolean;
  readonly detail?: string;
}

/** Signed bytes, and what their document says about who signed them. */
export interface SignedBytes {
  /** From the protected part of the document. */
  readonly algorithm: SignatureAlgorithm;
  /** JOSE `kid` text or COSE `kid` bytes. */
  readonly keyId?: Uint8Array | string;
  /** Names the signer's certificate (RFC 9360 §2 `x5t`, RFC 7515 §4.1.8 `x5t#S256`). */
  readonly x5t?: CertificateHash;
  /** The signer's certificate and those after it, DER. Only a path to a root of the trust counts. */
  readonly x5chain?: readonly Uint8Array[];
  readonly message: Uint8Array;
  /** ECDSA: r‖s. */
  readonly signature: Uint8Array;
  /** The verifier's time. */
  readonly at: Date;
  /**
   * When the bytes were signed, if the caller can vouch for it (a verified time-stamp, a ledger).
   * Never a time that stands in the document itself: whoever stole the key wrote it.
   */
  readonly signedAt?: Date;
}

/** Who signed, and everything that was checked. */
export interface Trusted {
  readonly key: TrustedKey;
  readonly checks: readonly Check[];
}

/**
 * Finds the key, judges it at `signedAt` or else `at`, and verifies.
 *
 * Throws `VERIFICATION_FAILED` with `details.check` naming the first check that failed: `key.known`,
 * `key.algorithm`, `key.active`, `key.not-before`, `key.not-after`, `key.revoked`, `signature`, or one
 * of path validation (`x509.…`).
 */
export async function verifyTrusted(trust: Trust, given: SignedBytes): Promise<Trusted> {
  throw new Error(`${trust.size}${given.algorithm}`);
}
