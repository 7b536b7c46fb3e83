/**
 * How a path is refused.
 *
 * @module
 */
import { Failure } from '../../errors.ts';

/** A path that does not hold: which check, and at which certificate, the leaf being 0. */
export function refused(check: string, index: number, message: string): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', message, { check, field: `x509.${index}` });
}
