/**
 * The fields of options and configurations: checked once, where they come in.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import { callOptions } from '../call-options.ts';
import type { CallOptions } from '../operations.ts';
import { isJsonObject } from '../trust/strict-json.ts';

/** Throws `ARGUMENT_INVALID` for the first field of `value` that is not in `known`, and for what has no fields. */
export function checkFields(value: object, known: readonly string[], path: string): void {
  if (!isJsonObject(value)) throw invalid(path, 'an object is needed');
  for (const name in value) {
    if (!known.includes(name)) throw invalid(`${path}.${name}`, 'there is no such field');
  }
}

/** `value`, if it is a whole number from `least` to `most`; otherwise throws `ARGUMENT_INVALID`. */
export function wholeNumber(value: number, least: number, most: number, field: string): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(field, `a whole number from ${least} to ${most} is needed`);
}

/** The failure for a field that is wrong. */
export function invalid(field: string, message: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field });
}

/** Longer names of callers are no identifiers. */
const CALLER_LENGTH = 256;

/** Checks what every call accepts. Throws `ARGUMENT_INVALID`. */
export function checkCallOptions(options: CallOptions): void {
  checkFields(options, callOptions, 'options');
  const { deadline, caller } = options;
  if (deadline !== undefined && (typeof deadline !== 'number' || Number.isNaN(deadline))) {
    throw invalid('options.deadline', 'a deadline is a number of milliseconds');
  }
  if (caller !== undefined && (typeof caller !== 'string' || caller.length > CALLER_LENGTH)) {
    throw invalid('options.caller', `a caller is named by at most ${CALLER_LENGTH} characters`);
  }
}
