/**
 * One signature against a trust: of a COSE_Sign1, or one of those of a COSE_Sign.
 *
 * @module
 */
import { algorithmOfSignature, type SignatureAlgorithm } from '../../core/algorithms.ts';
import { following, type Soon } from '../../core/crypto/types.ts';
import type { Trust, Trusted } from '../../core/trust/trust.ts';
import { soonTrusted } from '../../core/trust/verify-trusted.ts';
import { invalid } from '../../errors.ts';
import { checkIssue, refineFailure } from './at-issue.ts';
import { type Headers, keyIdOf, namedAlgorithms } from './headers.ts';
import { type CertificateResolver, type X509Parameters, x509Parameters } from './x509-read.ts';

/** Whom and when verification believes. */
export interface VerifyOptions {
  readonly trust: Trust;
  /** The verifier's time. Default now. */
  readonly at?: Date;
  /**
   * When it was signed, if the caller can vouch for it (a time-stamp, a ledger): keys and certificates
   * are then judged at that time. Never a time that stands in the document.
   */
  readonly signedAt?: Date;
  /**
   * The time the document gives for its own making, in Unix seconds, found in its payload. Where a
   * certificate is involved, the check `x509.valid-at-issue` holds that time against its period.
   */
  readonly issuedAt?: (payload: Uint8Array) => number | undefined;
  /** Fetches what `x5u` names. Without it nothing is fetched. Its failures are passed on. */
  readonly resolveX5u?: CertificateResolver;
}

/** Names of {@link VerifyOptions}. */
export const verifyOptions: readonly string[] = ['trust', 'at', 'signedAt', 'issuedAt', 'resolveX5u'];

/** Who signed, and every check that was made. */
export interface OpenedSignature extends Trusted {
  readonly algorithm: SignatureAlgorithm;
  readonly keyId?: Uint8Array;
  readonly headers: Headers;
}

/** One signature, and what it is over. */
export interface SignatureParts {
  readonly headers: Headers;
  readonly signature: Uint8Array;
  /** The Sig_structure. */
  readonly message: Uint8Array;
  readonly payload: Uint8Array;
}

/** Verifies one signature, at once where that can be. Failures are those of `openSign1`. */
export function verifySignature(parts: SignatureParts, options: VerifyOptions): Soon<OpenedSignature> {
  const parameters = x509Parameters(parts.headers);
  if (parameters.x5u === undefined) return verifyWith(parameters, parts, options);
  return resolved(parameters, options).then((found) => verifyWith(found, parts, options));
}

function verifyWith(
  { x5chain, x5t, x5bag: intermediates }: X509Parameters,
  { headers, signature, message, payload }: SignatureParts,
  options: VerifyOptions,
): Soon<OpenedSignature> {
  const { trust, at = new Date(), signedAt, issuedAt } = options;
  if (!(at instanceof Date)) throw invalid('not a time', 'at');
  if (signedAt !== undefined && !(signedAt instanceof Date)) throw invalid('not a time', 'signedAt');
  const algorithm = signatureAlgorithm(headers, signature);
  const keyId = keyIdOf(headers);
  const given = { algorithm, signature, message, at, signedAt, keyId, x5chain, x5t, intermediates };
  const issued = (): number | undefined => issuedAt?.(payload);
  const opened = (trusted: Trusted): OpenedSignature => {
    const { key, checks } = checkIssue(trusted, issued);
    return keyId === undefined
      ? { key, checks, algorithm, headers }
      : { key, checks, algorithm, headers, keyId };
  };
  const refused = async (failure: unknown): Promise<never> => {
    throw await refineFailure(failure, { trust, x5chain, issuedAt: issued });
  };
  try {
    const result = following(soonTrusted(trust, given), opened);
    return result instanceof Promise ? result.catch(refused) : result;
  } catch (failure) {
    return refused(failure);
  }
}

/** The algorithm of a signature, named by the protected header. Throws `UNSUPPORTED` for one that is not known. */
export function signatureAlgorithm(headers: Headers, signature: Uint8Array): SignatureAlgorithm {
  const named = namedAlgorithms(headers, 'sign', 'unknown signature algorithm');
  return (algorithmOfSignature(named, signature) ?? named[0]).name as SignatureAlgorithm;
}

/** With what the caller's resolver finds, where no chain came along and one could lead to a root. */
async function resolved(
  parameters: X509Parameters,
  { trust, resolveX5u }: VerifyOptions,
): Promise<X509Parameters> {
  const { x5chain, x5u } = parameters;
  if (x5chain !== undefined || x5u === undefined || resolveX5u === undefined) return parameters;
  if (trust.roots.length === 0) return parameters;
  const found: unknown = await resolveX5u(x5u);
  if (Array.isArray(found) && found.length > 0 && found.every((one) => one instanceof Uint8Array)) {
    return { ...parameters, x5chain: found };
  }
  throw invalid('the resolver answers with a list of certificates', 'resolveX5u');
}
