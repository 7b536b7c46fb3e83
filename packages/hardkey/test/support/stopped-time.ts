// Time that passes when a test says so: nothing is measured, and a slow machine is as good as a fast one.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

/** Time that stands still. */
export interface StoppedTime {
  /** Lets time pass, and runs the timers that end within it. */
  pass(ms: number): void;
}

/** Stops `performance.now()` and `setTimeout` of this process until the test ends. */
export function stopTime(t: TestContext): StoppedTime {
  // Whole, or the ends of timers would be rounded up beyond what is passed.
  let now = Math.round(performance.now());
  t.mock.method(performance, 'now', () => now);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return {
    pass(ms) {
      now += ms;
      t.mock.timers.tick(ms);
    },
  };
}

/** What became of a promise, as far as that is known once everything that waits for no timer has run. */
export async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'fulfilled' | 'rejected'> {
  let state: 'pending' | 'fulfilled' | 'rejected' = 'pending';
  promise.then(
    () => {
      state = 'fulfilled';
    },
    () => {
      state = 'rejected';
    },
  );
  for (let turns = 0; turns < 5; turns++) await turn();
  return state;
}

/** A promise that has settled by now, or an error: whoever is still waiting would wait for ever. */
export async function atOnce<T>(promise: Promise<T>): Promise<T> {
  assert.notEqual(await stateOf(promise), 'pending');
  return promise;
}
