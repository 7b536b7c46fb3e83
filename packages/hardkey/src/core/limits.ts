/**
 * When a call must end: its signal, its deadline, or the time that a backend has for an answer.
 *
 * @module
 */
import { Failure, type FailureDetails } from '../errors.ts';
import type { CallOptions } from './operations.ts';

/** Timers do not wait longer: more than three weeks. */
export const longestTimerMs: number = 2 ** 31 - 1;

/** Why a call ended: because the backend was too slow, or because its caller did not wait for it. */
export type EndedBy = 'timeout' | 'caller';

/**
 * Calls `end` once, with what to reject with, when the first of the limits is reached, which may be
 * at once. A `timeoutMs` of infinity is none. Returns what stops watching.
 */
export function watchLimits(
  options: CallOptions,
  timeoutMs: number,
  details: FailureDetails,
  end: (reason: unknown, by: EndedBy) => void,
): () => void {
  const { signal, deadline } = options;
  if (signal?.aborted) {
    end(signal.reason, 'caller');
    return () => {};
  }
  const left = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - performance.now();
  const least = Math.max(0, Math.ceil(Math.min(timeoutMs, left)));
  const late = (): void => {
    stop();
    if (left <= timeoutMs) end(pastDeadline(details), 'caller');
    else end(new Failure('UNAVAILABLE', 'it took too long', { ...details, field: 'timeoutMs' }), 'timeout');
  };
  // What is further away than a timer goes is never reached: it would fire at once.
  const timer = least > longestTimerMs ? undefined : setTimeout(late, least);
  const abort = (): void => {
    stop();
    end(signal?.reason, 'caller');
  };
  const stop = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  };
  signal?.addEventListener('abort', abort);
  return stop;
}

/** Throws when a call is over before it began. */
export function checkLimits({ signal, deadline }: CallOptions, details: FailureDetails): void {
  signal?.throwIfAborted();
  if (deadline !== undefined && deadline <= performance.now()) throw pastDeadline(details);
}

/** Waits for what others wait for as well, no longer than the call may take. */
export function waitWithin<T>(
  promise: Promise<T>,
  options: CallOptions,
  timeoutMs: number,
  details: FailureDetails,
): Promise<T> {
  const isUnlimited = options.signal === undefined && options.deadline === undefined;
  if (isUnlimited && timeoutMs === Number.POSITIVE_INFINITY) return promise;
  return new Promise((resolve, reject) => {
    const stop = watchLimits(options, timeoutMs, details, reject);
    promise.then(
      (value) => {
        stop();
        resolve(value);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  });
}

function pastDeadline(details: FailureDetails): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', 'the deadline passed', { ...details, field: 'deadline' });
}
