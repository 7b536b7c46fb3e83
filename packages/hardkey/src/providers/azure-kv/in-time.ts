/**
 * Calls that are under way: each ends in time, and all of them when the provider is closed.
 *
 * @module
 */
import { watchLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { FailureDetails } from '../../errors.ts';
import { closed } from './failures.ts';

/** Waits for calls as long as each may take. */
export interface UnderWay {
  /** Waits for what `act` does, and tells it when that is over. */
  inTime<T>(
    options: CallOptions,
    details: FailureDetails,
    act: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Ends every call with `UNAVAILABLE`. */
  stop(): void;
}

/** Watches over calls that take no longer than `timeoutMs` each. */
export function underWay(timeoutMs: number): UnderWay {
  const stops = new Set<() => void>();
  return {
    inTime(options, details, act) {
      return new Promise((resolve, reject) => {
        const controller = new AbortController();
        const end = (): void => {
          unwatch();
          stops.delete(stop);
        };
        function give(reason: unknown): void {
          stops.delete(stop);
          reject(reason);
          controller.abort();
        }
        function stop(): void {
          unwatch();
          give(closed(details));
        }
        const unwatch = watchLimits(options, timeoutMs, details, give);
        if (controller.signal.aborted) return;
        stops.add(stop);
        act(controller.signal).finally(end).then(resolve, reject);
      });
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}
