/**
 * One signature of a JWS, against public keys that are trusted or against shared keys. The two never
 * meet: what a trust holds is no shared key, and an algorithm of one kind is not looked up in the other.
 *
 * @module
 */
import {
  type AlgorithmFacts,
  algorithmOfSignature,
  type MacAlgorithm,
  type SignatureAlgorithm,
} from '../../core/algorithms.ts';
import { callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions, Mac } from '../../core/operations.ts';
import { type Check, type Trust, type Trusted, verifyTrusted } from '../../core/trust/trust.ts';
import { Failure, isFailure } from '../../errors.ts';
import { algorithmsOf, checkCritical, type JwsHeaders, type SignerNames, signerNames } from './header.ts';

/** Who signed, and every check that was made. */
export interface OpenedSignature extends Trusted {
  readonly algorithm: SignatureAlgorithm;
  readonly keyId?: string;
  readonly headers: JwsHeaders;
}

/** A code that is right. It says that someone who shares the key made it, and not who. */
export interface OpenedCode {
  readonly algorithm: MacAlgorithm;
  readonly keyId?: string;
  readonly headers: JwsHeaders;
  /** Reference of the key. */
  readonly ref: string;
  readonly checks: readonly Check[];
}

/** Whose signatures count. */
export interface TrustOptions {
  readonly trust: Trust;
  /** The only algorithms that are accepted. Default: those the trust allows. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** The verifier's time. Default now. */
  readonly at?: Date;
  /**
   * When it was signed, if the caller can vouch for it (a time-stamp, a ledger): keys and certificates
   * are then judged at that time. Never a time that stands in the document.
   */
  readonly signedAt?: Date;
}

/** Whose codes count. */
export interface MacOptions extends CallOptions {
  /** The shared key, or several while they are being replaced. */
  readonly mac: Mac | readonly Mac[];
}

/** One signature, and what it is over. */
export interface SignatureParts {
  readonly headers: JwsHeaders;
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  /** Where it stands, for failures. */
  readonly field: string;
  /** Critical parameters that the caller understands. */
  readonly understood: readonly string[];
}

/** Verifies a signature against a trust. Failures are those of `openJws`. */
export async function verifySignature(
  parts: SignatureParts,
  options: TrustOptions,
): Promise<OpenedSignature> {
  const { headers, signature, message } = parts;
  const { rows, names } = read(parts);
  const { trust, algorithms, at = new Date(), signedAt } = options;
  const algorithm = chosen(rows, signature);
  if (algorithm === undefined || algorithms?.includes(algorithm) === false)
    throw refusedAlgorithm(rows, names);
  const trusted = await verifyTrusted(trust, {
    algorithm,
    signature,
    message,
    at,
    ...(signedAt !== undefined && { signedAt }),
    ...names,
  });
  return { ...trusted, algorithm, headers, ...keyIdOf(names) };
}

/** Checks a code with the shared keys of its algorithm, one after the other. */
export async function verifyCode(
  parts: SignatureParts,
  { mac, ...options }: MacOptions,
): Promise<OpenedCode> {
  const { headers, signature, message } = parts;
  const { rows, names } = read(parts);
  let refused = refusedAlgorithm(rows, names);
  for (const key of Array.isArray(mac) ? (mac as readonly Mac[]) : [mac as Mac]) {
    if (!rows.some(({ name }) => name === key.algorithm)) continue;
    try {
      await key.verifyMac(message, signature, callOptionsOf(options));
      const checks = ['key.algorithm', 'mac'].map((name) => ({ name, passed: true }));
      return { algorithm: key.algorithm, headers, ref: String(key.key.ref), checks, ...keyIdOf(names) };
    } catch (failure) {
      // Another of the keys may have made it. That a key cannot be asked is no answer.
      if (!isFailure(failure, 'VERIFICATION_FAILED')) throw failure;
      refused = failure;
    }
  }
  throw refused;
}

function read({ headers, field, understood }: SignatureParts): {
  readonly rows: readonly AlgorithmFacts[];
  readonly names: SignerNames;
} {
  const rows = algorithmsOf(headers, field);
  checkCritical(headers, understood, field);
  return { rows, names: signerNames(headers, field) };
}

function chosen(rows: readonly AlgorithmFacts[], signature: Uint8Array): SignatureAlgorithm | undefined {
  const signing = rows.filter(({ operation }) => operation === 'sign');
  return algorithmOfSignature(signing, signature)?.name as SignatureAlgorithm | undefined;
}

/** RFC 8725 §2.1: a public key in the place of a shared one, or the other way round, among other things. */
function refusedAlgorithm(
  [row]: readonly AlgorithmFacts[],
  names: SignerNames,
): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', 'nothing is trusted for this algorithm', {
    check: 'key.algorithm',
    ...(row !== undefined && { algorithm: row.name }),
    ...keyIdOf(names),
  });
}

function keyIdOf({ keyId }: SignerNames): { readonly keyId?: string } {
  return keyId === undefined ? {} : { keyId };
}
