/**
 * One timer for the deadlines of many calls. Nearly every call ends long before its own: to set a timer for
 * each, and to clear it again, takes longer than everything else that policies do.
 *
 * @module
 */

/**
 * Calls `ring` at the time `at` of `performance.now()`, or as soon as the runtime can after it, unless the
 * function that it returns is called before. The process stays alive for what is still to ring.
 */
export type Alarm = (at: number, ring: () => void) => () => void;

interface Waiting {
  readonly at: number;
  readonly ring: () => void;
}

/** An alarm that any number of calls share. */
export function createAlarm(): Alarm {
  const waiting = new Set<Waiting>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer ends: never after the first of those that wait. */
  let ends = Number.POSITIVE_INFINITY;

  const setTimer = (at: number): void => {
    clearTimeout(timer);
    ends = at;
    timer = setTimeout(ringThose, Math.max(0, Math.ceil(at - performance.now())));
  };
  const ringThose = (): void => {
    ends = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (const one of waiting) {
      if (one.at > now) continue;
      waiting.delete(one);
      one.ring();
    }
    // Afterwards: what rings ends calls and begins others.
    let next = ends;
    for (const { at } of waiting) next = Math.min(next, at);
    if (next < ends) setTimer(next);
  };

  return (at, ring) => {
    const own = { at, ring };
    waiting.add(own);
    if (at < ends) setTimer(at);
    // Browsers number their timers, and have no process to keep alive.
    else if (waiting.size === 1) timer?.ref?.();
    return () => {
      if (waiting.delete(own) && waiting.size === 0) timer?.unref?.();
    };
  };
}
