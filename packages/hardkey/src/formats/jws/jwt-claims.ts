/**
 * The claims of a JWT (RFC 7519 §4), as they are read.
 *
 * @module
 */

import { isList, isText, member } from '../../core/trust/strict-json.ts';
import type { Check } from '../../core/trust/trust.ts';
import { decodeJsonObject } from './json-values.ts';

/** Claims. Those of RFC 7519 §4.1 are of their types; times are Unix seconds, and may have a fraction. */
export interface JwtClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
  readonly [name: string]: unknown;
}

/** How a token that is genuine stands in time. */
export type JwtStatus = 'verified' | 'expired' | 'not-yet-valid';

/** The longest token that is read unless the caller says otherwise, and the longest that is written. */
export const maxJwtLength = 65_536;

/** What a registered claim is made of. */
export const claimTypes: Readonly<Record<string, (value: unknown) => boolean>> = {
  iss: isText,
  sub: isText,
  aud: isAudience,
  exp: Number.isFinite,
  nbf: Number.isFinite,
  iat: Number.isFinite,
  jti: isText,
};

const FIELD = 'jwt';

/** Reads claims. Throws `MALFORMED`, field `jwt` or `jwt.<claim>`. */
export function decodeClaims(payload: Uint8Array): JwtClaims {
  const claims = decodeJsonObject(payload, FIELD);
  for (const [name, is] of Object.entries(claimTypes)) {
    member(claims, name, (value): value is unknown => is(value), FIELD);
  }
  return claims as JwtClaims;
}

/** A claim that is the token's own, and not one of every object. */
export function claim<K extends keyof JwtClaims>(claims: JwtClaims, name: K): JwtClaims[K] {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** When a token is judged, and how strictly. */
export interface JwtTimeOptions {
  /** The verifier's time. Default now. */
  readonly at?: Date;
  /** How far clocks may differ, in seconds. Default 0. */
  readonly skewSeconds?: number;
  /** A token that was issued longer ago is expired, whatever it says of itself; it must say when (`iat`). */
  readonly maxAgeSeconds?: number;
}

/** One judgement of time, and what it makes of the token when it does not pass. */
export interface TimeCheck extends Check {
  readonly claim: 'nbf' | 'exp' | 'iat';
  readonly otherwise: Exclude<JwtStatus, 'verified'>;
}

/** RFC 7519 §4.1.4–6: not before `nbf`, not on or after `exp`. `iat` counts only where an age is asked for. */
export function timeChecks(claims: JwtClaims, options: JwtTimeOptions): readonly TimeCheck[] {
  const { at = new Date(), skewSeconds = 0, maxAgeSeconds } = options;
  const now = at.getTime() / 1000;
  const [nbf, exp, iat = Number.NaN] = [claim(claims, 'nbf'), claim(claims, 'exp'), claim(claims, 'iat')];
  const checks: TimeCheck[] = [
    {
      name: 'jwt.expires-at',
      passed: exp === undefined || now - skewSeconds < exp,
      claim: 'exp',
      otherwise: 'expired',
    },
    {
      name: 'jwt.not-before',
      passed: nbf === undefined || now + skewSeconds >= nbf,
      claim: 'nbf',
      otherwise: 'not-yet-valid',
    },
  ];
  if (maxAgeSeconds === undefined) return checks;
  // A token from the future would stay young for as long as it likes.
  return [
    ...checks,
    {
      name: 'jwt.max-age',
      passed: now - skewSeconds < iat + maxAgeSeconds,
      claim: 'iat',
      otherwise: 'expired',
    },
    { name: 'jwt.issued-at', passed: now + skewSeconds >= iat, claim: 'iat', otherwise: 'not-yet-valid' },
  ];
}

/** RFC 7519 §4.1.3: one name, or a list of them. */
function isAudience(value: unknown): boolean {
  return isText(value) || (isList(value) && value.every(isText));
}
