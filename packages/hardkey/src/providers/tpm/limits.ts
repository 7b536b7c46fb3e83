/**
 * When a call must end: its signal, or its deadline.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails } from '../../errors.ts';

/** Throws when a call is over: before it begins, and before anything that lasts. */
export function checkLimits({ signal, deadline }: CallOptions, details: FailureDetails): void {
  signal?.throwIfAborted();
  if (deadline !== undefined && deadline <= performance.now()) throw pastDeadline(details);
}

/** Waits for what goes on in any case, no longer than the call may take. */
export function waitWithin<T>(
  promise: Promise<T>,
  { signal, deadline }: CallOptions,
  details: FailureDetails,
): Promise<T> {
  if (signal === undefined && deadline === undefined) return promise;
  return new Promise((resolve, reject) => {
    const leave = (reason: unknown): void => {
      stop();
      reject(reason);
    };
    const abort = (): void => leave(signal?.reason);
    const left = deadline === undefined ? undefined : Math.max(0, Math.ceil(deadline - performance.now()));
    const timer = left === undefined ? undefined : setTimeout(() => leave(pastDeadline(details)), left);
    const stop = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    promise.then((value) => {
      stop();
      resolve(value);
    }, leave);
  });
}

function pastDeadline(details: FailureDetails): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', 'the deadline passed', { ...details, field: 'deadline' });
}
