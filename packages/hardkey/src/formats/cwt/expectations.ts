/**
 * What a verifier expects of claims beyond their time.
 *
 * @module
 */
import type { Check } from '../../core/trust/trust.ts';
import { Failure } from '../../errors.ts';
import { optionsGiven } from '../cose/options.ts';
import { type CwtClaims, cwtGiven, cwtLabel, type DecodedCwt } from './claims.ts';
import { checkSeconds, secondsOf } from './times.ts';

/** What claims must say. */
export interface CwtExpectations {
  /**
   * Who the verifier is: `aud` must be it, or one of these. A token for somebody is refused by a verifier
   * who does not say who it is (RFC 7519 §4.1.3), unless this is `null`: the caller looks for itself.
   */
  readonly audience?: string | readonly string[] | null;
  readonly issuer?: string | readonly string[];
  readonly subject?: string;
  /** Claims that must be there: by name, or by label where they have none here. */
  readonly required?: readonly (keyof CwtClaims | number)[];
  /** How long ago `iat` may be, in seconds; it must then be there, and not lie ahead. */
  readonly maxAgeSeconds?: number;
}

/** Names of {@link CwtExpectations}. */
export const expectationOptions: readonly string[] = [
  'audience',
  'issuer',
  'subject',
  'required',
  'maxAgeSeconds',
];

/** The verifier's time, for ages. */
interface Now {
  readonly at: Date;
  readonly skewSeconds?: number;
  /** What is expected of an audience where the caller says nothing. */
  readonly audience?: null;
}

/**
 * Every check that was asked for. Throws `VERIFICATION_FAILED` with the first that does not pass:
 * `cwt.required`, `cwt.issuer`, `cwt.subject`, `cwt.audience` or `cwt.max-age`; and `ARGUMENT_INVALID`,
 * naming the option, for an expectation that is none.
 */
export function checkExpectations(cwt: DecodedCwt, expected: CwtExpectations, now: Now): readonly Check[] {
  const { claims } = cwtGiven(cwt);
  const { at, skewSeconds = 0, audience: usual } = optionsGiven(now, 'now');
  const { issuer, subject, required, maxAgeSeconds, audience: wanted = usual } = optionsGiven(expected);
  const checks: Check[] = [];
  const check = (name: string, passed: boolean, message: string): void => {
    if (!passed) throw new Failure('VERIFICATION_FAILED', message, { check: name });
    checks.push({ name, passed });
  };
  if (required !== undefined) check('cwt.required', hasAll(cwt, required), 'a claim is missing');
  if (issuer !== undefined) check('cwt.issuer', isOne(claims.issuer, issuer, 'issuer'), 'another issuer');
  if (subject !== undefined) {
    check('cwt.subject', isOne(claims.subject, subject, 'subject'), 'another subject');
  }
  const audience = audienceCheck(claims.audience, wanted);
  if (audience !== undefined) check('cwt.audience', audience, 'the token is for somebody else');
  if (maxAgeSeconds !== undefined) {
    checkSeconds(maxAgeSeconds, 'maxAgeSeconds');
    checkSeconds(skewSeconds, 'skewSeconds');
    const age = secondsOf(at) - (claims.issuedAt ?? Number.NEGATIVE_INFINITY);
    const passed = age <= maxAgeSeconds + skewSeconds && age >= -skewSeconds;
    check('cwt.max-age', passed, 'the token is too old, or from later');
  }
  return checks;
}

function hasAll({ claims, others }: DecodedCwt, required: readonly (keyof CwtClaims | number)[]): boolean {
  if (!Array.isArray(required)) throw invalid('required');
  return required.every((claim: keyof CwtClaims | number) => {
    if (typeof claim === 'number') return others.some(({ key }) => key === claim);
    // A name that is misspelt would be required of nobody, or of everybody in vain.
    if (!Object.hasOwn(cwtLabel, claim)) throw invalid('required');
    return claims[claim] !== undefined;
  });
}

/** Whether the audience is right; undefined where there is nothing to say. */
function audienceCheck(
  found: string | undefined,
  expected: CwtExpectations['audience'],
): boolean | undefined {
  if (expected === null) return undefined;
  if (expected === undefined) return found === undefined ? undefined : false;
  return isOne(found, expected, 'audience');
}

function isOne(found: string | undefined, expected: string | readonly string[], field: string): boolean {
  const list = typeof expected === 'string' ? [expected] : expected;
  if (!Array.isArray(list) || list.length === 0 || !list.every((one) => typeof one === 'string')) {
    throw invalid(field);
  }
  return found !== undefined && list.includes(found);
}

function invalid(field: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', 'not what a claim could be', { field });
}
