/**
 * One at a time, in the order in which they came.
 *
 * @module
 */
import { checkLimits, waitWithin } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails } from '../../errors.ts';

/** Turns at what only one may use. */
export interface Queue {
  /**
   * Runs `act` when its turn has come. A caller whose limits end before is not served; one whose limits
   * end meanwhile is let go, and the turn lasts until `act` has come to its end. `cleanUp` is called once
   * `act` has, or will never be begun.
   */
  run<T>(
    options: CallOptions,
    details: FailureDetails,
    act: () => Promise<T>,
    cleanUp: () => void,
  ): Promise<T>;
  /** Resolves when nobody is served. */
  idle(): Promise<void>;
}

/** Calls that wait for one TPM, at most. */
const WAITING = 256;

/** A queue with nobody in it. */
export function queue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  return {
    async run(options, details, act, cleanUp) {
      if (waiting >= WAITING) {
        cleanUp();
        throw new Failure('OVERLOADED', 'too many calls wait for this TPM', details);
      }
      waiting += 1;
      const turn = last.then(() => {
        checkLimits(options, details);
        return act();
      });
      last = turn.then(
        () => undefined,
        () => undefined,
      );
      void last.then(() => {
        waiting -= 1;
        cleanUp();
      });
      return waitWithin(turn, options, Number.POSITIVE_INFINITY, details);
    },
    idle: async () => {
      await last;
    },
  };
}
