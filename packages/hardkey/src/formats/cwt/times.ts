/**
 * Whether a token's claims hold now.
 *
 * @module
 */
import type { Check } from '../../core/trust/trust.ts';
import { Failure } from '../../errors.ts';
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
 * its beginning. `iat` says nothing about validity.
 */
export function checkTimes(
  { expiresAt, notBefore }: CwtClaims,
  { at, skewSeconds = 0 }: TimesOptions,
): { readonly status: TimeStatus; readonly checks: readonly Check[] } {
  const now = at.getTime() / 1000;
  if (Number.isNaN(now)) throw new Failure('ARGUMENT_INVALID', 'not a time', { field: 'at' });
  const begun = notBefore === undefined || now + skewSeconds >= notBefore;
  const lasting = expiresAt === undefined || now - skewSeconds < expiresAt;
  const checks = [
    { name: 'cwt.not-before', passed: begun },
    { name: 'cwt.expires-at', passed: lasting },
  ];
  return { status: lasting ? (begun ? 'valid' : 'not-yet-valid') : 'expired', checks };
}
