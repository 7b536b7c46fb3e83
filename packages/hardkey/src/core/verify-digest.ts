/**
 * Local verification of signatures over digests that were computed elsewhere.
 *
 * @module
 */
import { verifyDigest as runtimeVerify } from '#crypto';
import { Failure, invalid } from '../errors.ts';
import { algorithm, hashLength, type SignatureAlgorithm } from './algorithms.ts';
import type { PublicKey } from './public-key.ts';
import { keyFits } from './verify.ts';

/**
 * Returns when `signature` is genuine over a digest of the algorithm's hash, and throws
 * `VERIFICATION_FAILED` when it is not. Whoever has the content should verify that: nothing here says
 * which content a digest is of.
 *
 * Throws `ARGUMENT_INVALID` for a key that is not of the algorithm, or a digest of another length, and
 * `UNSUPPORTED` for algorithms without digests (EdDSA, ML-DSA), RSASSA-PSS, and in browsers.
 */
export async function verifyDigest(
  key: PublicKey,
  name: SignatureAlgorithm,
  digest: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  const facts = algorithm(name);
  if (!keyFits(key, facts)) {
    throw new Failure('ARGUMENT_INVALID', 'the key is not for this algorithm', { algorithm: name });
  }
  if (facts.hash === undefined) {
    throw new Failure('UNSUPPORTED', 'the algorithm signs messages only', { algorithm: name });
  }
  const length = hashLength(facts.hash);
  if (digest.length !== length) throw invalid(`the digest must be ${length} bytes long`, 'digest');
  if (await runtimeVerify(key, facts, digest, signature)) return;
  throw new Failure('VERIFICATION_FAILED', 'the signature is not valid', {
    algorithm: name,
    check: 'signature',
  });
}
