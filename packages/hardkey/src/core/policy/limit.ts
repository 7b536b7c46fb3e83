/**
 * As many calls at once as a key can take, and a short, fair queue before it.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import type { CallOptions } from '../operations.ts';
import type { Around, Call } from './call.ts';
import { enqueue, type Lane, lane, leave } from './lane.ts';

/** How many calls a key takes. */
export interface LimitConfig {
  /** Calls of one key that the provider has at the same time. */
  readonly concurrency: number;
  /** Calls of one key that wait, at most. */
  readonly queue: number;
}

/** Told whenever a call begins to wait, reaches the provider or ends: how many there are for a scheme. */
export type LimitWatcher = (scheme: string, waiting: number, inFlight: number) => void;

/**
 * Lets `concurrency` calls of a key run and `queue` wait, taking turns between callers. When the queue
 * is full, the newest call of the caller with the most of them is `OVERLOADED` with `retryAfterMs`. A
 * call whose deadline passes, or which is aborted, leaves the queue at once.
 */
export function withLimit(config: LimitConfig, watcher?: LimitWatcher): Around {
  const lanes = new Map<string, Lane>();
  const watch = watcher === undefined ? undefined : counting(watcher);

  return async (call, options, next) => {
    const own = laneOf(lanes, call.subject);
    if (own.inFlight < config.concurrency) own.inFlight += 1;
    else await wait(own, call, options, config, watch);
    watch?.(call.scheme, 0, 1);
    const began = performance.now();
    try {
      return await next(options);
    } finally {
      watch?.(call.scheme, 0, -1);
      leave(own, performance.now() - began);
      // A lane lives while it is used: references come from callers, and there is no end of them.
      if (own.inFlight === 0) lanes.delete(call.subject);
    }
  };
}

async function wait(
  own: Lane,
  call: Call,
  options: CallOptions,
  { concurrency, queue }: LimitConfig,
  watch: LimitWatcher | undefined,
): Promise<void> {
  const overloaded = (retryAfterMs: number): Failure => {
    const ref = call.ref === undefined ? {} : { ref: String(call.ref) };
    return new Failure('OVERLOADED', 'too many calls wait for this key', { ...ref, retryAfterMs });
  };
  watch?.(call.scheme, 1, 0);
  try {
    await enqueue(
      own,
      { caller: options.caller ?? '', signal: options.signal, overloaded },
      concurrency,
      queue,
    );
  } finally {
    watch?.(call.scheme, -1, 0);
  }
}

function laneOf(lanes: Map<string, Lane>, subject: string): Lane {
  const known = lanes.get(subject);
  if (known !== undefined) return known;
  const made = lane();
  lanes.set(subject, made);
  return made;
}

/** Adds changes up by scheme. */
function counting(watcher: LimitWatcher): LimitWatcher {
  const totals = new Map<string, { waiting: number; inFlight: number }>();
  return (scheme, waiting, inFlight) => {
    const total = totals.get(scheme) ?? { waiting: 0, inFlight: 0 };
    total.waiting += waiting;
    total.inFlight += inFlight;
    totals.set(scheme, total);
    watcher(scheme, total.waiting, total.inFlight);
  };
}
