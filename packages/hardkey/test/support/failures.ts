// What a test expects of a failure.
import assert from 'node:assert/strict';
import { type FailureCode, type FailureDetails, isFailure } from '../../src/errors.ts';

/** A predicate for `assert.rejects`: this code, and these details among its own. */
export function failsWith(code: FailureCode, details: FailureDetails = {}): (error: unknown) => true {
  return (error) => {
    assert.ok(isFailure(error), String(error));
    const found = Object.fromEntries(
      Object.keys(details).map((name) => [name, error.details[name as keyof FailureDetails]]),
    );
    assert.deepEqual([error.code, found], [code, details]);
    return true;
  };
}
