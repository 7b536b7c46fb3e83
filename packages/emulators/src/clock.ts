/**
 * A clock that tests move, so that destruction dates and expiries pass without waiting.
 *
 * @module
 */

/** Time as the emulator sees it, in milliseconds since 1970. */
export interface Clock {
  now(): number;
  /**
   * Moves it forwards, or backwards when negative. It goes on from there. A time that no date has is a
   * `TypeError`, and moves nothing.
   */
  advance(ms: number): void;
}

/** A clock that shows the time of the machine until it is moved. */
export function createClock(): Clock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    advance: (ms) => {
      const then = new Date(Date.now() + offset + ms);
      if (Number.isNaN(then.getTime())) throw new TypeError(`${ms} ms from now is no date`);
      offset += ms;
    },
  };
}
