/**
 * What a token has to say of itself before its claims are believed (RFC 8725 §3.8–3.11).
 *
 * @module
 */

import { isCount, isMoment, isName, isNameOrNames, isNames, type TableOf } from '../../core/option-table.ts';
import { isText } from '../../core/trust/strict-json.ts';
import type { Check } from '../../core/trust/trust.ts';
import type { JwsHeaders } from './header.ts';
import { claim, type JwtClaims, type JwtTimeOptions } from './jwt-claims.ts';

/** What a token has to say to be accepted. */
export interface JwtExpectations extends JwtTimeOptions {
  /**
   * Who reads: one of these must be among the token's `aud`. A token for somebody is refused unless this
   * is given; `null` reads tokens for anybody (RFC 8725 §3.9).
   */
  readonly audience?: string | readonly string[] | null;
  /** Who may have issued it: its `iss` must be one of these. Default: whoever the trust trusts. */
  readonly issuer?: string | readonly string[];
  /**
   * Its `typ`. Default: `JWT` or none, so that a token made for another purpose is refused (RFC 8725
   * §3.11); `null` reads any.
   */
  readonly type?: string | null;
  /** Claims that have to be there. */
  readonly requiredClaims?: readonly string[];
  /** Return a genuine token that is out of its time with that status, rather than throw. */
  readonly time?: 'report';
  /** In characters. Default 65,536. */
  readonly maxTextLength?: number;
}

/** {@link JwtExpectations} for callers that were not compiled. */
export const expectationTable: TableOf<JwtExpectations> = {
  audience: (value) => value === null || isNameOrNames(value),
  issuer: isNameOrNames,
  type: (value) => value === null || isName(value),
  requiredClaims: isNames,
  time: (value) => value === 'report',
  at: isMoment,
  skewSeconds: (value) => Number.isFinite(value) && (value as number) >= 0,
  maxAgeSeconds: (value) => Number.isFinite(value) && (value as number) > 0,
  maxTextLength: isCount,
};

/** One thing that a token says, and where. */
export interface ContentCheck extends Check {
  readonly field: string;
}

/** What is said when a check does not pass. */
export const contentMessages: Readonly<Record<string, string>> = {
  'jwt.type': 'the token is of another type',
  'jwt.issuer': 'the token is of another issuer',
  'jwt.audience': 'the token is for somebody else',
  'jwt.required-claims': 'a claim that has to be there is not',
};

/** Every check of what a token says, its time aside. */
export function contentChecks(
  headers: JwsHeaders,
  claims: JwtClaims,
  { type, issuer, audience, requiredClaims = [], maxAgeSeconds }: JwtExpectations,
): readonly ContentCheck[] {
  const required = maxAgeSeconds === undefined ? requiredClaims : [...requiredClaims, 'iat'];
  const missing = required.find((name) => claim(claims, name) === undefined);
  const iss = claim(claims, 'iss');
  return [
    { name: 'jwt.type', passed: isType(headers, type), field: 'jws.typ' },
    ...(issuer === undefined
      ? []
      : [
          { name: 'jwt.issuer', passed: iss !== undefined && listOf(issuer).includes(iss), field: 'jwt.iss' },
        ]),
    { name: 'jwt.audience', passed: isFor(claim(claims, 'aud'), audience), field: 'jwt.aud' },
    ...(required.length === 0
      ? []
      : [
          {
            name: 'jwt.required-claims',
            passed: missing === undefined,
            field: `jwt.${missing ?? required[0]}`,
          },
        ]),
  ];
}

/** RFC 7515 §4.1.9: media types, of which `application/` may be left out; letters of either case. */
function isType({ protected: header }: JwsHeaders, expected: string | null | undefined): boolean {
  if (expected === null) return true;
  const typ: unknown = Object.hasOwn(header, 'typ') ? header['typ'] : undefined;
  if (typ === undefined) return expected === undefined;
  return isText(typ) && mediaType(typ) === mediaType(expected ?? 'JWT');
}

function mediaType(text: string): string {
  const lower = text.toLowerCase();
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower;
}

/** RFC 7519 §4.1.3: whoever is not named refuses; and so does here whoever does not say its name. */
function isFor(aud: JwtClaims['aud'], expected: string | readonly string[] | null | undefined): boolean {
  if (expected === null) return true;
  if (expected === undefined) return aud === undefined;
  return aud !== undefined && listOf(aud).some((name) => listOf(expected).includes(name));
}

function listOf(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names;
}
