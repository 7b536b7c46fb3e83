/**
 * Issuing a JWT (RFC 7519 §7.1).
 *
 * @module
 */

import { callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions } from '../../core/operations.ts';
import {
  callTable,
  checkOptions,
  isMoment,
  isName,
  isNameOrNames,
  type TableOf,
} from '../../core/option-table.ts';
import { isText } from '../../core/trust/strict-json.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { invalid } from '../../errors.ts';
import { checkJson, isPlainObject } from './json-values.ts';
import { claimTypes, type JwtClaims, maxJwtLength } from './jwt-claims.ts';
import { signJws } from './sign.ts';
import { type JwsSignatureOptions, signatureTable } from './signer-headers.ts';

/** What goes into a token beside the claims. Times are Unix seconds. */
export interface SignJwtOptions
  extends CallOptions,
    Pick<JwsSignatureOptions, 'signer' | 'keyId' | 'certificates' | 'protectedHeaders'> {
  /** `exp`, counted from the time of issue. One of this, `expiresAt` and the claim `exp` is needed. */
  readonly expiresInSeconds?: number;
  /** `exp`; `null` for a token that never expires. */
  readonly expiresAt?: number | null;
  /** `nbf`. */
  readonly notBefore?: number;
  /** `iss`. */
  readonly issuer?: string;
  /** `sub`. */
  readonly subject?: string;
  /** `aud`. */
  readonly audience?: string | readonly string[];
  /** `jti`. */
  readonly jwtId?: string;
  /** `typ`. Default `JWT`; `null` leaves it out. */
  readonly type?: string | null;
  /** The time of issue, `iat`, in whole seconds. Default now. */
  readonly at?: Date;
}

const OPTIONS: TableOf<SignJwtOptions> = {
  ...callTable,
  signer: signatureTable.signer,
  keyId: signatureTable.keyId,
  certificates: signatureTable.certificates,
  protectedHeaders: signatureTable.protectedHeaders,
  expiresInSeconds: (value) => Number.isFinite(value) && (value as number) > 0,
  expiresAt: (value) => value === null || isTime(value),
  notBefore: isTime,
  issuer: isName,
  subject: isName,
  audience: isNameOrNames,
  jwtId: isText,
  type: (value) => value === null || isName(value),
  at: isMoment,
};

/**
 * Signs claims. `iat` is the time of issue unless the claims have one. An option and a claim of the
 * same meaning exclude each other.
 *
 * Throws `ARGUMENT_INVALID` naming the option or the claim: also for a value that JSON would change or
 * leave out, a registered claim of another type, a token that expires before it begins, and a time
 * that must be in milliseconds. Passes on what the signer throws.
 */
export async function signJwt(
  claims: Readonly<Record<string, unknown>>,
  options: SignJwtOptions,
): Promise<string> {
  checkOptions(options, OPTIONS);
  if (!isPlainObject(claims)) throw invalid('claims are an object', 'claims');
  checkJson(claims, 'claims');
  const all = merged(claims, options);
  checkClaims(all, options.expiresAt === null);
  const { signer, keyId, certificates, protectedHeaders, type = 'JWT' } = options;
  const token = await signJws(utf8(JSON.stringify(all)), {
    ...callOptionsOf(options),
    signer,
    ...(keyId !== undefined && { keyId }),
    ...(certificates !== undefined && { certificates }),
    ...(protectedHeaders !== undefined && { protectedHeaders }),
    ...(type !== null && { type }),
  });
  if (token.length > maxJwtLength) throw invalid('longer than verifiers read', 'claims');
  return token;
}

function merged(claims: JwtClaims, options: SignJwtOptions): JwtClaims {
  const {
    expiresInSeconds,
    expiresAt,
    notBefore,
    issuer,
    subject,
    audience,
    jwtId,
    at = new Date(),
  } = options;
  const now = Math.floor(at.getTime() / 1000);
  if (expiresInSeconds !== undefined && expiresAt !== undefined) {
    throw invalid('either expiresInSeconds or expiresAt', 'expiresAt');
  }
  const given = [
    ['iss', 'issuer', issuer],
    ['sub', 'subject', subject],
    ['aud', 'audience', audience],
    ['exp', 'expiresInSeconds', expiresInSeconds === undefined ? undefined : now + expiresInSeconds],
    ['exp', 'expiresAt', expiresAt],
    ['nbf', 'notBefore', notBefore],
    ['jti', 'jwtId', jwtId],
  ] as const;
  const set: Record<string, unknown> = {};
  for (const [name, option, value] of given) {
    if (value === undefined) continue;
    if (Object.hasOwn(claims, name)) throw invalid('the claims say it too', option);
    if (value !== null) set[name] = value;
  }
  return { iat: now, ...claims, ...set };
}

/** Throws for claims that a verifier would refuse, whoever it is. */
function checkClaims(claims: JwtClaims, forever: boolean): void {
  const wrong = Object.entries(claimTypes).find(
    ([name, is]) => Object.hasOwn(claims, name) && !is(claims[name]),
  );
  if (wrong !== undefined) throw invalid('the claim is not of its type', `claims.${wrong[0]}`);
  for (const name of ['exp', 'nbf', 'iat']) {
    if (Object.hasOwn(claims, name) && !isTime(claims[name])) {
      throw invalid('not a time in seconds', `claims.${name}`);
    }
  }
  const { exp, nbf = 0, iat = 0 } = claims;
  if (exp === undefined) {
    if (forever) return;
    throw invalid('when does it expire? null for never', 'expiresAt');
  }
  if (exp <= Math.max(nbf, iat)) throw invalid('it expires before it begins', 'claims.exp');
}

/** The last second of the year 9999: what is later was counted in milliseconds. */
const LAST = 253_402_300_799;

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LAST;
}
