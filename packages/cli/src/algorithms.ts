/**
 * The algorithm a key is used with.
 *
 * @module
 */
import { algorithm, Failure, isSignatureAlgorithm, type KeyInfo, type SignatureAlgorithm } from 'hardkey';

/** A name from the command line. Throws `UNSUPPORTED` when it is not known, `ARGUMENT_INVALID` when it does not sign. */
export function signatureAlgorithm(name: string): SignatureAlgorithm {
  if (isSignatureAlgorithm(name)) return name;
  const { name: known } = algorithm(name);
  throw new Failure('ARGUMENT_INVALID', 'not a signature algorithm', {
    algorithm: known,
    field: 'algorithm',
  });
}

/**
 * The algorithm that was asked for, or the one the key prefers, of those a format has. Throws
 * `UNSUPPORTED` when the key does not sign so.
 */
export function signingAlgorithm(
  key: KeyInfo,
  asked: string | undefined,
  allowed?: readonly SignatureAlgorithm[],
): SignatureAlgorithm {
  if (asked !== undefined) return signatureAlgorithm(asked);
  const name = key.algorithms.filter(isSignatureAlgorithm).find((one) => allowed?.includes(one) ?? true);
  if (name !== undefined) return name;
  const message =
    allowed === undefined ? 'the key does not sign' : 'the format has no signatures of this key';
  throw new Failure('UNSUPPORTED', message, { ref: String(key.ref) });
}
