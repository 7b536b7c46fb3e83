/**
 * One absolute deadline for everything a call does: waiting in the queue, every attempt, every pause.
 *
 * @module
 */
import { Failure, isFailure } from '../../errors.ts';
import { createAlarm } from './alarm.ts';
import type { Around, Call } from './call.ts';

/** The longest time a call may take. */
export interface DeadlineConfig {
  readonly deadlineMs: number;
}

/**
 * Gives the call until `deadlineMs` from now, or until the earlier deadline it came with. What lies
 * inside sees it as `deadline` and as an abort of `signal`, whose reason is `UNAVAILABLE` with the
 * field `deadline`. The caller's own abort is passed on with its reason as it is.
 */
export function withDeadline({ deadlineMs }: DeadlineConfig): Around {
  const alarm = createAlarm();
  return async (call, options, next) => {
    const now = performance.now();
    const deadline = Math.min(options.deadline ?? Number.POSITIVE_INFINITY, now + deadlineMs);
    if (deadline <= now) throw pastDeadline(call);
    const ending = new AbortController();
    const calm = alarm(deadline, () => ending.abort(pastDeadline(call)));
    const forward = forwarding(options.signal, ending);
    try {
      return await next({ ...options, deadline, signal: ending.signal });
    } finally {
      calm();
      forward?.();
    }
  };
}

/**
 * Leaves a call at the moment its signal ends, whether or not the provider looks at the signal. The
 * answer that comes too late, result or failure, is discarded. Lies next to the key, so that everything
 * outside of it sees the call end in time.
 */
export const leavingInTime: Around = (_call, options, next) => {
  const { signal } = options;
  if (signal === undefined) return next(options);
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // Never removed: the signal is the call's own, and goes when the call does.
    signal.addEventListener('abort', () => reject(signal.reason));
    next(options).then(resolve, reject);
  });
};

/** Whether a call failed because its own deadline passed. */
export function isPastDeadline(error: unknown): boolean {
  return isFailure(error, 'UNAVAILABLE') && error.details.field === 'deadline';
}

function pastDeadline({ operation, ref }: Call): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', 'the deadline passed', {
    operation,
    field: 'deadline',
    ...(ref === undefined ? {} : { ref: String(ref) }),
  });
}

/** Passes an abort on, until the returned function is called. */
function forwarding(from: AbortSignal | undefined, to: AbortController): (() => void) | undefined {
  if (from === undefined) return undefined;
  const forward = (): void => to.abort(from.reason);
  if (from.aborted) forward();
  from.addEventListener('abort', forward);
  return () => from.removeEventListener('abort', forward);
}
