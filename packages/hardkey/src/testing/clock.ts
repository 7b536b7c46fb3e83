/**
 * A clock that stands still.
 *
 * @module
 */
import { Failure } from '../errors.ts';

/** Gives the time as verification takes it: `{ at: clock.now() }`. */
export interface FixedClock {
  /** The time, in a `Date` of its own for each call. */
  now(): Date;
  /** The time in whole Unix seconds, as claims carry it. */
  unixSeconds(): number;
  /** Moves the clock; backwards with a negative number. */
  advance(ms: number): void;
}

/** A clock at `time`: a date, RFC 3339 text, or Unix seconds. Throws `ARGUMENT_INVALID` for no time. */
export function fixedClock(time: Date | string | number): FixedClock {
  let at = checked(new Date(typeof time === 'number' ? time * 1000 : time).getTime());
  return Object.freeze({
    now: () => new Date(at),
    unixSeconds: () => Math.floor(at / 1000),
    advance(ms: number) {
      at = checked(at + ms);
    },
  });
}

function checked(time: number): number {
  if (Number.isFinite(time)) return time;
  throw new Failure('ARGUMENT_INVALID', 'not a time', { field: 'time' });
}
