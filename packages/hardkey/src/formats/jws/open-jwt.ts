/**
 * Verifying a JWT (RFC 7519 §7.2), as RFC 8725 says it should be.
 *
 * @module
 */

import { checkOptions, type TableOf } from '../../core/option-table.ts';
import { isText } from '../../core/trust/strict-json.ts';
import type { Check } from '../../core/trust/trust.ts';
import { Failure, type FailureDetails, invalid } from '../../errors.ts';
import { decodeHeaders, isUnencoded } from './header.ts';
import { decodeClaims, type JwtClaims, type JwtStatus, maxJwtLength, timeChecks } from './jwt-claims.ts';
import {
  contentChecks,
  contentMessages,
  expectationTable,
  type JwtExpectations,
} from './jwt-expectations.ts';
import { readPayload, signingInput } from './payload.ts';
import { parseCompact, type SignatureText } from './serialization.ts';
import { checkKeys, macTable, sharesKey, trustTable } from './verify.ts';
import {
  type MacOptions,
  type OpenedCode,
  type OpenedSignature,
  type SignatureParts,
  type TrustOptions,
  verifyCode,
  verifySignature,
} from './verify-signature.ts';

/** What verification with public keys needs. */
export interface OpenJwtOptions extends JwtExpectations, Pick<TrustOptions, 'trust' | 'algorithms' | 'at'> {}

/** What verification with shared keys needs. */
export interface OpenMacJwtOptions extends JwtExpectations, MacOptions {}

/** What every token that was accepted has. */
interface Accepted {
  readonly claims: JwtClaims;
  /** Other than `verified` only with `time: 'report'`. */
  readonly status: JwtStatus;
  readonly checks: readonly Check[];
  /** Whether the token is genuine and holds now. */
  isVerified(): boolean;
}

/** Claims that are genuine, by whom, and every check that was made, the failed ones among them. */
export interface OpenedJwt extends OpenedSignature, Accepted {}

/** Claims whose code is right, and every check that was made. */
export interface OpenedMacJwt extends OpenedCode, Accepted {}

const TRUSTING: TableOf<OpenJwtOptions> = { ...expectationTable, ...trustTable };
const SHARING: TableOf<OpenMacJwtOptions> = { ...expectationTable, ...macTable };

/**
 * Verifies a token and returns its claims. The signature is judged first, then what the token says: its
 * type, issuer, audience and required claims, and last its time.
 *
 * Throws `VERIFICATION_FAILED` with the check that failed; `EXPIRED`, on or after `exp` or beyond
 * `maxAgeSeconds`, and `NOT_YET_VALID`, for a token that is good but for its time; `UNSUPPORTED` for an
 * algorithm or a `crit`ical parameter that is not known; and `MALFORMED`, field `jws…` or `jwt…`.
 */
export function openJwt(token: string, options: OpenJwtOptions): Promise<OpenedJwt>;
/** The same for codes of a shared key. */
export function openJwt(token: string, options: OpenMacJwtOptions): Promise<OpenedMacJwt>;
export async function openJwt(
  token: string,
  options: OpenJwtOptions | OpenMacJwtOptions,
): Promise<OpenedJwt | OpenedMacJwt> {
  checkKeys(options);
  checkOptions(options, sharesKey(options) ? SHARING : TRUSTING);
  if (!isText(token)) throw invalid('text is needed', 'token');
  // One clock reading for key and token.
  const at = options.at ?? new Date();
  const { parts, payload } = partsOf(token, options);
  if (sharesKey(options)) {
    const opened = await verifyCode(parts, options);
    return { ...opened, ...accept(opened, payload, { ...options, at }) };
  }
  const opened = await verifySignature(parts, { ...options, at });
  return { ...opened, ...accept(opened, payload, { ...options, at }) };
}

interface Parts {
  readonly parts: SignatureParts;
  readonly payload: Uint8Array;
}

/** RFC 7519 §7.2: compact text only. What else would be read is refused here, before it is. */
function partsOf(token: string, { maxTextLength = maxJwtLength }: JwtExpectations): Parts {
  if (token.length > maxTextLength) throw new Failure('MALFORMED', 'the token is too long', { field: 'jws' });
  const jws = parseCompact(token);
  const [one] = jws.signatures as readonly [SignatureText];
  const { field, signature, protectedText } = one;
  const headers = decodeHeaders(one);
  // RFC 7797 §7: a token has no such payload.
  if (isUnencoded(headers, field)) {
    throw new Failure('MALFORMED', 'the claims of a token are encoded', { field: `${field}.b64` });
  }
  const payload = readPayload(jws, false, undefined);
  const message = signingInput(protectedText, payload);
  return { parts: { headers, signature, message, field, understood: [] }, payload: payload.bytes };
}

/** Judges what a genuine token says. */
function accept(
  opened: OpenedSignature | OpenedCode,
  payload: Uint8Array,
  options: JwtExpectations,
): Accepted {
  const claims = decodeClaims(payload);
  const named = { algorithm: opened.algorithm, ...(opened.keyId !== undefined && { keyId: opened.keyId }) };
  const said = contentChecks(opened.headers, claims, options);
  for (const { name, passed, field } of said) {
    if (passed) continue;
    throw new Failure('VERIFICATION_FAILED', contentMessages[name] ?? '', { ...named, check: name, field });
  }
  const times = timeChecks(claims, options);
  const failed = times.find(({ passed }) => !passed);
  if (failed !== undefined && options.time !== 'report') {
    throw outOfTime(failed.otherwise, { ...named, check: failed.name, field: `jwt.${failed.claim}` });
  }
  const status = failed?.otherwise ?? 'verified';
  const checks = [...opened.checks, ...[...said, ...times].map(({ name, passed }) => ({ name, passed }))];
  return { claims, status, checks, isVerified: () => status === 'verified' };
}

function outOfTime(status: Exclude<JwtStatus, 'verified'>, details: FailureDetails): Failure {
  if (status === 'expired') return new Failure('EXPIRED', 'the token has expired', details);
  return new Failure('NOT_YET_VALID', 'the token is not valid yet', details);
}
