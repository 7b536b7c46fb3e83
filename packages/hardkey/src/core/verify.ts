/**
 * Local verification: no provider, no network, no private key.
 *
 * @module
 */
import { verifyAside, verifySignature } from '#crypto';
import { Failure } from '../errors.ts';
import { type AlgorithmFacts, algorithm, type SignatureAlgorithm } from './algorithms.ts';
import { isEd25519Signature } from './crypto/ed25519.ts';
import type { PublicKey } from './public-key.ts';

/**
 * Returns when `signature` is genuine and throws `VERIFICATION_FAILED` when it is not.
 *
 * ECDSA signatures are r‖s (RFC 9053 §2.1). The key must be of the algorithm's type and curve, or
 * `ARGUMENT_INVALID` is thrown; a runtime without the algorithm is `UNSUPPORTED`.
 */
export async function verify(
  key: PublicKey,
  name: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  if (!(await isGenuine(key, name, message, signature))) {
    throw new Failure('VERIFICATION_FAILED', 'the signature is not valid', {
      algorithm: name,
      check: 'signature',
    });
  }
}

/**
 * Whether `signature` is genuine, for callers that have more than one key to try. At once where the
 * runtime can; `aside` takes longer, and leaves this thread free meanwhile.
 */
export function isGenuine(
  key: PublicKey,
  name: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
  aside = false,
): boolean | Promise<boolean> {
  const facts = algorithm(name);
  if (!keyFits(key, facts)) {
    throw new Failure('ARGUMENT_INVALID', 'the key is not for this algorithm', { algorithm: name });
  }
  if (!isWellFormed(key, facts, signature)) return false;
  return (aside ? verifyAside : verifySignature)(key, facts, message, signature);
}

/** Whether a key's type, curve and size are those of an algorithm. */
export function keyFits(key: PublicKey, facts: AlgorithmFacts): boolean {
  if (facts.operation === 'agree') return key.curve !== undefined && facts.curves.includes(key.curve);
  if (key.keyType !== facts.keyType) return false;
  if (facts.keyType === 'AKP') return key.parameterSet === facts.name;
  if (facts.keyType === 'RSA') return (key.bits ?? 0) >= (facts.keyBits ?? 0);
  return key.curve !== undefined && facts.curves.includes(key.curve);
}

/** What can be said of a signature before any library is asked, the same on every runtime. */
function isWellFormed(key: PublicKey, facts: AlgorithmFacts, signature: Uint8Array): boolean {
  const length = facts.keyType === 'RSA' ? Math.ceil((key.bits ?? 0) / 8) : facts.signatureLength;
  if (length !== signature.length) return false;
  // The key itself passed the same check when it was imported.
  return facts.name !== 'Ed25519' || isEd25519Signature(signature);
}
