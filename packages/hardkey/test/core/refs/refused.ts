import assert from 'node:assert/strict';
import type { FailureCode } from '../../../src/errors.ts';
import { isFailure } from '../../../src/errors.ts';

/** Asserts that `parse` refuses: by code, field and, if given, offset. */
export function refused(
  parse: () => unknown,
  field: string,
  { code = 'ARGUMENT_INVALID', offset }: { code?: FailureCode; offset?: number } = {},
): void {
  assert.throws(parse, (error) => {
    assert.ok(isFailure(error), 'a Failure');
    assert.equal(error.code, code);
    assert.equal(error.details.field, field);
    if (offset !== undefined) assert.equal(error.details.offset, offset);
    return true;
  });
}

/** Asserts that a body parses to `expected`, and that its canonical form does too and stays as it is. */
export function readsAs<T>(
  { parse, format }: { parse: (body: string) => T; format: (parsed: T) => string },
  body: string,
  expected: T,
  canonical: string = body,
): void {
  assert.deepEqual(parse(body), expected);
  assert.equal(format(expected), canonical);
  assert.deepEqual(parse(canonical), expected);
}
