/**
 * What goes wrong, when: the plan of a faulty provider.
 *
 * @module
 */

import type { Operation } from '../core/policy/call.ts';
import { checkFields, invalid, wholeNumber } from '../core/policy/fields.ts';
import { type FailureCode, failureCodes } from '../errors.ts';

/**
 * What becomes of the bytes an operation made: those of `another-key` (for `sign` alone), one byte less
 * (`truncated`), or one bit `changed`.
 */
export type FaultResult = 'another-key' | 'truncated' | 'changed';

/** One fault. It does at least one of `delayMs`, and one of `fail`, `hang` and `result`. */
export interface Fault {
  /** The operation that it meets. */
  readonly on: Operation;
  /** How many calls pass before the first it meets. 0 by default. */
  readonly after?: number;
  /** How many calls it meets. All that follow by default. */
  readonly times?: number;
  /** Waits before anything else happens. An abort ends the wait. */
  readonly delayMs?: number;
  /** Rejects with this code, without asking the provider. */
  readonly fail?: FailureCode;
  /** Never answers: `until-aborted` as a good provider does, or `forever`, which ignores the signal. */
  readonly hang?: 'until-aborted' | 'forever';
  /** Asks the provider, and hands out something else than it said. */
  readonly result?: FaultResult;
}

/** A checked fault that counts its calls. */
export interface Planned extends Fault {
  /** Counts a call, and says whether the fault meets it. */
  meets(): boolean;
}

const FIELDS = ['on', 'after', 'times', 'delayMs', 'fail', 'hang', 'result'];
const DAY_MS = 86_400_000;
const MOST = Number.MAX_SAFE_INTEGER;

const OPERATIONS: Readonly<Record<Operation, 'bytes' | 'other'>> = {
  open: 'other',
  create: 'other',
  import: 'other',
  list: 'other',
  rotate: 'other',
  setState: 'other',
  destroy: 'other',
  check: 'other',
  attest: 'bytes',
  sign: 'bytes',
  signDigest: 'bytes',
  encrypt: 'bytes',
  decrypt: 'bytes',
  wrap: 'bytes',
  unwrap: 'bytes',
  mac: 'bytes',
  verifyMac: 'other',
  agree: 'bytes',
};

/** Checks a plan. Throws `ARGUMENT_INVALID` with the field. */
export function readPlan(plan: readonly Fault[]): readonly Planned[] {
  return plan.map((fault, at) => planned(fault, `plan.${at}`));
}

function planned(fault: Fault, path: string): Planned {
  checkFields(fault, FIELDS, path);
  const { on, delayMs, fail, hang, result } = fault;
  if (!Object.hasOwn(OPERATIONS, on)) throw invalid(`${path}.on`, 'no such operation');
  const first = wholeNumber(fault.after ?? 0, 0, MOST, `${path}.after`);
  const count = wholeNumber(fault.times ?? MOST, 1, MOST, `${path}.times`);
  if (delayMs !== undefined) wholeNumber(delayMs, 0, DAY_MS, `${path}.delayMs`);
  const effects = [fail, hang, result].filter((effect) => effect !== undefined).length;
  if (effects > 1 || (effects === 0 && delayMs === undefined)) {
    throw invalid(path, 'a fault waits, and fails, hangs or changes the result');
  }
  if (fail !== undefined && !failureCodes.includes(fail)) throw invalid(`${path}.fail`, 'no such code');
  if (hang !== undefined) oneOf(hang, ['until-aborted', 'forever'], `${path}.hang`);
  if (result !== undefined) {
    oneOf(result, ['another-key', 'truncated', 'changed'], `${path}.result`);
    const possible = result === 'another-key' ? on === 'sign' : OPERATIONS[on] === 'bytes';
    if (!possible) throw invalid(`${path}.result`, 'this operation has no such result');
  }
  let seen = 0;
  const meets = (): boolean => ++seen > first && seen - first <= count;
  return Object.freeze({ ...fault, meets });
}

function oneOf(value: string, allowed: readonly string[], field: string): void {
  if (!allowed.includes(value)) throw invalid(field, 'not one of the values there are');
}
