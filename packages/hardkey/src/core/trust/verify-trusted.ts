/**
 * Verification against a trust: which key, whether it may be used now, and whether it signed.
 *
 * @module
 */
import { Failure, invalid } from '../../errors.ts';
import type { SignatureAlgorithm } from '../algorithms.ts';
import { following, type Soon } from '../crypto/types.ts';
import type { CertificateHash } from '../x509/x5t.ts';
import { findCandidates } from './candidates.ts';
import { judge, messageOf } from './judge.ts';
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
  readonly keyId?: Uint8Array | string | undefined;
  /** Names the signer's certificate (RFC 9360 §2 `x5t`, RFC 7515 §4.1.8 `x5t#S256`). */
  readonly x5t?: CertificateHash | undefined;
  /** The signer's certificate and those after it, DER. Only a path to a root of the trust counts. */
  readonly x5chain?: readonly Uint8Array[] | undefined;
  /** More certificates, DER, in no order (RFC 9360 §2 `x5bag`): issuers that the chain leaves out. */
  readonly intermediates?: readonly Uint8Array[] | undefined;
  readonly message: Uint8Array;
  /** ECDSA: r‖s. */
  readonly signature: Uint8Array;
  /** The verifier's time. */
  readonly at: Date;
  /**
   * When the bytes were signed, if the caller can vouch for it (a verified time-stamp, a ledger).
   * Never a time that stands in the document itself: whoever stole the key wrote it.
   */
  readonly signedAt?: Date | undefined;
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
 * `key.algorithm`, `key.active`, `key.not-before`, `key.not-after`, `key.revoked`, `signature`,
 * `x509.x5t`, or one of `validatePath`. A forgery is `signature`, whatever is to be said of the time of
 * a key that did not sign it. Where several keys may have signed, the failure is that of the key that
 * did, or else of the one the document names.
 */
export async function verifyTrusted(trust: Trust, given: SignedBytes): Promise<Trusted> {
  return soonTrusted(trust, given);
}

/** {@link verifyTrusted}, at once where the runtime verifies at once and the key is the one that is named. */
export function soonTrusted(trust: Trust, given: SignedBytes): Soon<Trusted> {
  // One key is no trust, though it looks like the thing to pass.
  if (!Array.isArray(trust?.keys)) throw invalid('a trust is needed: createTrust makes one', 'trust');
  const at = timeOf(given);
  return following(findCandidates(trust, given), ({ named, possible }) => {
    const failed: Attempt[] = [];
    return following(
      tryKeys(named, given, at, failed),
      (found) => found ?? tryOthers(trust, given, at, { failed, possible }),
    );
  });
}

/** What the document's path leads to, and keys that it does not exclude. */
async function tryOthers(
  trust: Trust,
  given: SignedBytes,
  at: Date,
  { failed, possible }: { readonly failed: Attempt[]; readonly possible: readonly TrustedKey[] },
): Promise<Trusted> {
  // A document that names another key is no forgery of those that were only tried.
  const guessed: Attempt[] = given.keyId === undefined ? failed : [];
  const found = (await tryPath(trust, given, at, failed)) ?? (await tryKeys(possible, given, at, guessed));
  if (found !== undefined) return found;
  const signed = [...failed, ...guessed].find(({ checks }) =>
    checks.some(({ name, passed }) => name === 'signature' && passed),
  );
  throw failureOf(signed ?? failed[0] ?? { checks: [{ name: 'key.known', passed: false }] }, given);
}

/** A key that was tried, or a path that led to none. */
export interface Attempt {
  readonly key?: TrustedKey;
  readonly checks: readonly Check[];
  readonly failure?: Failure;
}

/** The first key that signed and may. Those that did not, or may not, are added to `failed`. */
function tryKeys(
  keys: readonly TrustedKey[],
  given: SignedBytes,
  at: Date,
  failed: Attempt[],
  from = 0,
): Soon<Trusted | undefined> {
  for (let i = from, key = keys[i]; key !== undefined; key = keys[++i]) {
    const tried = key;
    const judged = judge(tried, given, at.getTime() / 1000);
    if (judged instanceof Promise) {
      const next = i + 1;
      return judged.then(
        (checks) => accepted(tried, checks, failed) ?? tryKeys(keys, given, at, failed, next),
      );
    }
    const found = accepted(tried, judged, failed);
    if (found !== undefined) return found;
  }
  return undefined;
}

function accepted(key: TrustedKey, checks: readonly Check[], failed: Attempt[]): Trusted | undefined {
  if (checks.every(({ passed }) => passed)) return { key, checks };
  failed.push({ key, checks });
  return undefined;
}

/**
 * Few documents bring certificates: browsers load what validates them with the first one. It is kept,
 * because even a module that is there takes the runtime a tenth of a path's time to find again.
 */
let paths: typeof import('./attempt-path.ts') | undefined;

/** The same for the key that the document's path leads to. */
async function tryPath(
  trust: Trust,
  given: SignedBytes,
  at: Date,
  failed: Attempt[],
): Promise<Trusted | undefined> {
  if (!given.x5chain?.length || trust.roots.length === 0) return undefined;
  paths ??= await import('./attempt-path.ts');
  const attempt = await paths.attemptPath(trust, given, at);
  const { key, checks } = attempt;
  if (key !== undefined && checks.every(({ passed }) => passed)) return { key, checks };
  failed.push(attempt);
  return undefined;
}

function timeOf({ at, signedAt }: SignedBytes): Date {
  checkTime(at, 'at');
  if (signedAt === undefined) return at;
  checkTime(signedAt, 'signedAt');
  if (signedAt > at) {
    throw new Failure('ARGUMENT_INVALID', 'signed after the time of verification', { field: 'signedAt' });
  }
  return signedAt;
}

/** Every comparison with NaN is false: a time that is none would pass for any time. */
function checkTime(time: Date, field: string): void {
  if (Number.isNaN(time.getTime())) throw new Failure('ARGUMENT_INVALID', 'not a time', { field });
}

function failureOf({ key, checks, failure }: Attempt, { algorithm }: SignedBytes): Failure {
  if (failure !== undefined) return failure;
  const failed = checks.flatMap(({ name, passed }) => (passed ? [] : [name]));
  const check = failed.find((name) => name === 'signature') ?? failed[0] ?? 'key.known';
  return new Failure('VERIFICATION_FAILED', messageOf(check), {
    check,
    algorithm,
    ...(key !== undefined && { keyId: key.keyId ?? key.publicKey.id }),
  });
}
