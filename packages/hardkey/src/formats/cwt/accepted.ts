/**
 * Claims that only the caller can judge.
 *
 * @module
 */
import type { Check } from '../../core/trust/trust.ts';
import { Failure, isFailure } from '../../errors.ts';

/** Says whether the caller accepts what a claim holds. */
export type Accept<T> = (value: T) => boolean | Promise<boolean>;

/** The checks that ask. */
const REFUSALS = {
  'cwt.status': 'the status is not accepted',
  'cwt.cti': 'the id is not accepted',
} as const;

/**
 * Asks about a claim, where there is one. Anything but a plain yes is a no: a function that forgets to
 * answer accepts nothing. Throws `VERIFICATION_FAILED` with the check, and `UNAVAILABLE` for an error of it.
 */
export async function checkAccepted<T>(
  check: keyof typeof REFUSALS,
  value: T | undefined,
  accept: Accept<T> | undefined,
): Promise<readonly Check[]> {
  if (value === undefined || accept === undefined) return [];
  const answer = await answerTo(accept, value, check);
  if (answer !== true) throw notAccepted(check);
  return [{ name: check, passed: true }];
}

async function answerTo<T>(accept: Accept<T>, value: T, check: keyof typeof REFUSALS): Promise<unknown> {
  try {
    return await accept(value);
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    throw new Failure('UNAVAILABLE', 'whoever judges the claim failed', { check }, cause);
  }
}

/** What a claim is refused with. */
export function notAccepted(check: keyof typeof REFUSALS): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', REFUSALS[check], { check });
}
