/**
 * A clock that tests move, so that destruction dates and expiries pass without waiting.
 *
 * @module
 */

/** Time as the emulator sees it, in milliseconds since 1970. */
export interface Clock {
  now(): number;
  /**
   * Moves it forwards, or backwards when negative. It goes on from there. A time before the year 1 or after 9999,
   * which no answer can tell, is a `TypeError`, and moves nothing.
   */
  advance(ms: number): void;
}

/** A clock that shows the time of the machine until it is moved. */
export function createClock(): Clock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    advance: (ms) => {
      const year = new Date(Date.now() + offset + ms).getUTCFullYear();
      if (!(year >= 1 && year <= 9999))
        throw new TypeError(`${ms} ms from now is no date of the years 1 to 9999`);
      offset += ms;
    },
  };
}
