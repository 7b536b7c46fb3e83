/**
 * Certificate thumbprints (RFC 9360 §2 `x5t`).
 *
 * @module
 */
import { digest } from '#crypto';
import { Failure } from '../../errors.ts';
import type { Hash } from '../algorithms.ts';

/** The hash of a certificate, with the COSE identifier of the hash. JOSE `x5t#S256` is −16. */
export interface CertificateHash {
  readonly algorithm: number;
  readonly hash: Uint8Array;
}

// IANA "COSE Algorithms": RFC 9054.
const HASHES: readonly (readonly [number, Hash])[] = [
  [-16, 'SHA-256'],
  [-43, 'SHA-384'],
  [-44, 'SHA-512'],
];

/** The thumbprint of a certificate. Throws `UNSUPPORTED` for a hash other than SHA-256, −384 and −512. */
export async function certificateHash(certificate: Uint8Array, algorithm = -16): Promise<CertificateHash> {
  const hash = HASHES.find(([id]) => id === algorithm)?.[1];
  if (hash === undefined) {
    throw new Failure('UNSUPPORTED', 'unknown hash of a certificate', { field: 'x5t' });
  }
  return { algorithm, hash: await digest(hash, certificate) };
}
