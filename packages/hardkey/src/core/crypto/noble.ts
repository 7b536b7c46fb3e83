/**
 * ECDSA over digests: Node.js lets OpenSSL do it only together with the hashing. Loaded where it is used.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import type { AlgorithmFacts, Curve } from '../algorithms.ts';

/** The slice of a curve that is called. Signatures are r‖s. */
interface EcdsaCurve {
  sign(digest: Uint8Array, secret: Uint8Array, options: SignOptions): Uint8Array;
  verify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array, options: VerifyOptions): boolean;
}

interface VerifyOptions {
  readonly prehash: false;
  /** Whether one of the two signatures that there are of each is refused. RFC 6979 and FIPS 186-5 know no such rule. */
  readonly lowS: false;
}

interface SignOptions extends VerifyOptions {
  /** Random bytes beside those of RFC 6979, so that a fault in one signature does not give the key away. */
  readonly extraEntropy: true;
}

const LOADERS: Readonly<Partial<Record<Curve, () => Promise<EcdsaCurve>>>> = {
  'P-256': async () => (await import('@noble/curves/nist.js')).p256,
  'P-384': async () => (await import('@noble/curves/nist.js')).p384,
  'P-521': async () => (await import('@noble/curves/nist.js')).p521,
  secp256k1: async () => (await import('@noble/curves/secp256k1.js')).secp256k1,
};

/** Whether digests of an algorithm are signed and verified here. */
export function isEcdsa({ operation, keyType, hash }: AlgorithmFacts): boolean {
  return operation === 'sign' && keyType === 'EC' && hash !== undefined;
}

/** Whether r‖s of the right length is over a digest, by the key with this point. */
export async function verifyEcdsaDigest(
  facts: AlgorithmFacts,
  point: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (signature.length !== facts.signatureLength) return false;
  const curve = await load(facts);
  return curve.verify(signature, digest, point, { prehash: false, lowS: false });
}

/** r‖s over a digest, with a private scalar as wide as the curve. */
export async function signEcdsaDigest(
  facts: AlgorithmFacts,
  scalar: Uint8Array,
  digest: Uint8Array,
): Promise<Uint8Array> {
  const curve = await load(facts);
  return curve.sign(digest, scalar, { prehash: false, lowS: false, extraEntropy: true });
}

async function load({ name, curves: [curve] }: AlgorithmFacts): Promise<EcdsaCurve> {
  const loader = curve && LOADERS[curve];
  if (loader !== undefined) return loader();
  throw new Failure('UNSUPPORTED', 'no digests of this curve', { algorithm: name });
}
