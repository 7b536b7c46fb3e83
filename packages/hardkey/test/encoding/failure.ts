// What every negative test of the encodings asserts: the code, the field and the place.
import { deepStrictEqual, ok } from 'node:assert/strict';
import { isFailure } from '../../src/errors.ts';

/** Runs `action`, which must fail as MALFORMED at this place. */
export function malformedAt(action: () => unknown, field: string, offset: number): void {
  const failure = failureOf(action);
  deepStrictEqual(
    [failure.code, failure.details.field, failure.details.offset],
    ['MALFORMED', field, offset],
  );
}

/** The failure of an action, which must fail with nothing else. */
export function failureOf(action: () => unknown): {
  code: string;
  details: { field?: string; offset?: number };
} {
  let result: unknown;
  try {
    result = action();
  } catch (error) {
    ok(isFailure(error), `not a Failure: ${String(error)}`);
    return error;
  }
  throw new Error(`no failure; the result is a ${typeof result}`);
}
