/**
 * So many processes at once and no more: the others wait their turn.
 *
 * @module
 */

import { checkLimits, waitWithin } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails } from '../../errors.ts';

/** Gives turns, in the order they were asked for. */
export interface Turns {
  /** Resolves with what ends the turn. Throws `OVERLOADED` when too many wait. */
  take(options: CallOptions, details: FailureDetails): Promise<() => void>;
}

/** How many calls wait for one signer, at most. */
const QUEUE = 256;

/** A wait without a limit of its own ends with the call's, or when its turn comes. */
const ANY_TIME = 2 ** 31 - 1;

/** Turns for `most` at once. */
export function turns(most: number): Turns {
  const waiting = new Set<() => void>();
  let running = 0;

  function end(): void {
    running -= 1;
    const [next] = waiting;
    next?.();
  }

  /** A turn ends once, however often that is said. */
  function begin(): () => void {
    running += 1;
    let over = false;
    return () => {
      if (!over) end();
      over = true;
    };
  }

  return {
    async take(options, details) {
      checkLimits(options, details);
      if (running < most) return begin();
      if (waiting.size >= QUEUE) {
        throw new Failure('OVERLOADED', 'too many calls wait for this signer program', details);
      }
      const { promise, resolve } = Promise.withResolvers<() => void>();
      const called = (): void => {
        waiting.delete(called);
        resolve(begin());
      };
      waiting.add(called);
      try {
        return await waitWithin(promise, options, ANY_TIME, details);
      } catch (error) {
        // Called at the moment it gave up: the turn goes to the next.
        if (!waiting.delete(called)) (await promise)();
        throw error;
      }
    },
  };
}
