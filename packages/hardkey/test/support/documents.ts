// Signed bytes as a format hands them to a trust, for tests.
import { type KeyObject, sign } from 'node:crypto';
import type { SignatureAlgorithm } from '../../src/core/algorithms.ts';
import { importPublicKey } from '../../src/core/import-public-key.ts';
import type { PublicKey } from '../../src/core/public-key.ts';
import type { SignedBytes } from '../../src/core/trust/verify-trusted.ts';
import { utf8 } from '../../src/encoding/bytes.ts';
import { keyPair } from './certificates.ts';

/** When tests verify, unless they say otherwise. */
export const now: Date = new Date('2026-07-01T00:00:00Z');

/** A key pair as a signer has it. */
export interface TestSigner {
  readonly algorithm: SignatureAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: PublicKey;
}

/** A fresh Ed25519 or ES256 signer. */
export async function testSigner(algorithm: 'Ed25519' | 'ES256' = 'Ed25519'): Promise<TestSigner> {
  const { privateKey, publicKey } = keyPair(algorithm === 'Ed25519' ? 'ed25519' : 'P-256');
  const spki = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
  return { algorithm, privateKey, publicKey: await importPublicKey(spki) };
}

/** A good document of a signer, with what a test adds or changes. */
export function signedBy(
  { algorithm, privateKey }: Pick<TestSigner, 'algorithm' | 'privateKey'>,
  change: Partial<SignedBytes> = {},
): SignedBytes {
  const message = utf8('a document');
  const hash = algorithm === 'Ed25519' ? null : 'sha256';
  const signature = sign(hash, message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return { algorithm, message, signature: Uint8Array.from(signature), at: now, ...change };
}
