/**
 * Whether a token's claims hold now.
 *
 * @module
 */
import type { Check } from '../../core/trust/trust.ts';
import { Failure, type FailureDetails, invalid } from '../../errors.ts';
import { optionsGiven } from '../cose/options.ts';
import type { CwtClaims } from './claims.ts';

/** The verifier's time. */
export interface TimesOptions {
  readonly at: Date;
  /** How far clocks may differ, in seconds. Default 0. */
  readonly skewSeconds?: number;
}

/** How a token stands in time. */
export type TimeStatus = 'valid' | 'expired' | 'not-yet-valid';

/**
 * Judges `exp` and `nbf`: a token is not accepted on or after its expiry (RFC 7519 §4.1.4), nor before
 * its beginning. `iat` says nothing about validity. Throws `ARGUMENT_INVALID`, field `at` or
 * `skewSeconds`, for what is no time and no number of seconds from 0 on.
 */
export function checkTimes(
  claims: CwtClaims,
  options: TimesOptions,
): { readonly status: TimeStatus; readonly checks: readonly Check[] } {
  const { expiresAt, notBefore } = optionsGiven(claims, 'claims');
  const { at, skewSeconds = 0 } = optionsGiven(options);
  checkClaim(expiresAt, 'meta.expiresAt');
  checkClaim(notBefore, 'meta.notBefore');
  const now = secondsOf(at);
  checkSeconds(skewSeconds, 'skewSeconds');
  const begun = notBefore === undefined || now + skewSeconds >= notBefore;
  const lasting = expiresAt === undefined || now - skewSeconds < expiresAt;
  const checks = [
    { name: 'cwt.not-before', passed: begun },
    { name: 'cwt.expires-at', passed: lasting },
  ];
  return { status: lasting ? (begun ? 'valid' : 'not-yet-valid') : 'expired', checks };
}

function checkClaim(time: unknown, field: string): void {
  if (time === undefined || typeof time === 'number') return;
  throw invalid('a time is a number of seconds', field);
}

/** The failure for what is genuine and out of its time, called `what` in its message; nothing where it holds. */
export function timeFailure(
  status: TimeStatus,
  details: FailureDetails = {},
  what = 'token',
): Failure | undefined {
  if (typeof what !== 'string') throw invalid('text is needed', 'what');
  if (status === 'expired') {
    return new Failure('EXPIRED', `the ${what} has expired`, {
      ...details,
      field: 'cwt.exp',
      check: 'cwt.expires-at',
    });
  }
  if (status === 'valid') return undefined;
  if (status !== 'not-yet-valid') throw invalid('no such status', 'status');
  return new Failure('NOT_YET_VALID', `the ${what} is not valid yet`, {
    ...details,
    field: 'cwt.nbf',
    check: 'cwt.not-before',
  });
}

/** A time in Unix seconds. Every comparison with NaN is false: a time that is none would pass for any time. */
export function secondsOf(at: Date): number {
  const seconds = at instanceof Date ? at.getTime() / 1000 : Number.NaN;
  if (Number.isNaN(seconds)) throw new Failure('ARGUMENT_INVALID', 'not a time', { field: 'at' });
  return seconds;
}

/** Throws `ARGUMENT_INVALID` unless `value` is a number of seconds from 0 on; text would be joined to the time. */
export function checkSeconds(value: number, field: string): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new Failure('ARGUMENT_INVALID', 'a number of seconds from 0 on is needed', { field });
}
