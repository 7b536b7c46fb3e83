/**
 * What was read or written and is not as it should be.
 *
 * @module
 */
import { Failure } from '../../errors.ts';

/** Every kind of warning. */
export type WarningCode =
  /** A label that neither the specification nor the caller's registry knows: kept as it is. */
  | 'unknown-field'
  /** A known field of another type: kept as it is. */
  | 'field-type'
  /** A number that has no meaning in this version: kept as it is. */
  | 'unknown-value'
  /** Text that is not of its field's form. */
  | 'value-form'
  /** A date that is no day as YYYYMMDD. */
  | 'date'
  | 'deprecated-field'
  | 'issuer-not-uri'
  /** The credential says it was issued after the time of verification. */
  | 'issued-in-future'
  /** The signer's certificate ends before the credential does. */
  | 'certificate-ends-first'
  /** Another encoding than the profile's own, which its issuers use all the same. */
  | 'other-encoding'
  /** A header parameter nothing covers. Never refused, not even when strict. */
  | 'unprotected-header';

/** Something that is not as it should be, and was let through. */
export interface Warning {
  readonly code: WarningCode;
  /** Where: `identity.gender`, `identity.24`, `meta.issuer`, `cose.4`. */
  readonly path: string;
  readonly message: string;
}

/** Throws `MALFORMED`, field `claim169`, for the first warning that a strict reader does not let through. */
export function refuseWarnings(warnings: readonly Warning[]): void {
  const first = warnings.find(({ code }) => code !== 'unprotected-header');
  if (first === undefined) return;
  throw new Failure('MALFORMED', first.message, { field: 'claim169', path: first.path });
}

/** A label nobody knows. */
export function unknownField(path: string): Warning {
  return { code: 'unknown-field', path, message: 'the field is not known and was kept as it is' };
}

/** A number without a meaning. */
export function unknownValue(path: string): Warning {
  return { code: 'unknown-value', path, message: 'the number has no meaning in this version' };
}

/** A field of another type. */
export function mistyped(path: string): Warning {
  const message = 'the field holds another type than it should and was kept as it is';
  return { code: 'field-type', path, message };
}

/** A header parameter that anybody may have changed on the way. */
export function uncovered(label: unknown): Warning {
  // A label of text is whatever somebody wrote there.
  const path = typeof label === 'number' ? `cose.${label}` : 'cose';
  return { code: 'unprotected-header', path, message: 'nothing covers the parameter' };
}
