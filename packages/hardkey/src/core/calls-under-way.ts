/**
 * Calls to a backend that are under way: each ends in time, and all of them when the provider is closed.
 *
 * @module
 */
import { Failure, type FailureDetails } from '../errors.ts';
import { checkLimits, watchLimits } from './limits.ts';
import type { CallOptions } from './operations.ts';

/** The calls of one provider. */
export interface CallsUnderWay {
  /** Throws `UNAVAILABLE` when the provider was closed, and as {@link checkLimits} when the call is over. */
  ready(options?: CallOptions): void;
  /** Waits for what `act` does as long as the call may take, and tells it when that is over. */
  inTime<T>(
    options: CallOptions,
    details: FailureDetails,
    act: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Ends every call, and those that come later, with `UNAVAILABLE`. */
  close(): void;
}

/**
 * Watches over the calls of `provider`, none of which takes longer than `timeoutMs`. `failureOf` says what an
 * error that a call threw is thrown as.
 */
export function callsUnderWay(
  provider: FailureDetails,
  timeoutMs: number,
  failureOf: (error: unknown, details: FailureDetails) => unknown = (error) => error,
): CallsUnderWay {
  const stops = new Set<() => void>();
  let isClosed = false;
  return {
    ready(options = {}) {
      if (isClosed) throw closed(provider);
      checkLimits(options, provider);
    },
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
        act(controller.signal)
          .catch((error: unknown) => {
            throw failureOf(error, details);
          })
          .finally(end)
          .then(resolve, reject);
      });
    },
    close() {
      isClosed = true;
      for (const stop of stops) stop();
    },
  };
}

/** Of a provider that was closed. */
export function closed(details: FailureDetails): Failure<'UNAVAILABLE'> {
  return new Failure('UNAVAILABLE', 'the provider was closed', { ...details, field: 'closed' });
}
