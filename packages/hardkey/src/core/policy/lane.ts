/**
 * The calls of one key: those that run, and those that wait for their turn.
 *
 * @module
 */

/** The calls of one key. */
export interface Lane {
  inFlight: number;
  waiting: number;
  /** Who waits, by caller. The first caller is the next to have a turn. */
  readonly callers: Map<string, Waiter[]>;
  /** How long a call takes, in milliseconds, recent ones weighing most. */
  usualMs: number;
}

/** A call that wants to run. */
export interface Applicant {
  readonly caller: string;
  readonly signal: AbortSignal | undefined;
  /** The failure for a call that finds no room. */
  readonly overloaded: (retryAfterMs: number) => Error;
}

/** A call that waits. */
interface Waiter extends Applicant {
  readonly admit: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** Until a call has ended, this is how long one is taken to last. */
const UNKNOWN_MS = 50;
const WEIGHT = 0.2;

/** No calls. */
export function lane(): Lane {
  return { inFlight: 0, waiting: 0, callers: new Map(), usualMs: UNKNOWN_MS };
}

/**
 * Waits for a turn and returns with it taken. Rejects when the queue has no room for the call, now or
 * later, and with the signal's reason when it is aborted.
 */
export function enqueue(own: Lane, applicant: Applicant, concurrency: number, room: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const { signal } = applicant;
    signal?.throwIfAborted();
    const leaveEarly = (): void => {
      remove(own, waiter);
      reject(signal?.reason);
    };
    const waiter: Waiter = {
      ...applicant,
      admit: () => {
        signal?.removeEventListener('abort', leaveEarly);
        resolve();
      },
      refuse: (reason) => {
        signal?.removeEventListener('abort', leaveEarly);
        reject(reason);
      },
    };
    signal?.addEventListener('abort', leaveEarly);
    add(own, waiter);
    if (own.waiting > room) refuseOne(own, concurrency);
  });
}

/** Ends a call that ran for `tookMs`, and gives its place to the next that waits. */
export function leave(own: Lane, tookMs: number): void {
  own.usualMs += WEIGHT * (tookMs - own.usualMs);
  const [first] = own.callers.values();
  const next = first?.[0];
  if (next === undefined) {
    own.inFlight -= 1;
    return;
  }
  remove(own, next);
  // The others of this caller go to the end of the round.
  const rest = own.callers.get(next.caller);
  if (rest !== undefined) {
    own.callers.delete(next.caller);
    own.callers.set(next.caller, rest);
  }
  next.admit();
}

function add(own: Lane, waiter: Waiter): void {
  own.waiting += 1;
  const others = own.callers.get(waiter.caller);
  if (others === undefined) own.callers.set(waiter.caller, [waiter]);
  else others.push(waiter);
}

function remove(own: Lane, waiter: Waiter): void {
  const waiters = own.callers.get(waiter.caller) ?? [];
  waiters.splice(waiters.indexOf(waiter), 1);
  own.waiting -= 1;
  if (waiters.length === 0) own.callers.delete(waiter.caller);
}

/** Refuses the newest call of the caller with the most of them; of equals, the one that came last. */
function refuseOne(own: Lane, concurrency: number): void {
  let most: readonly Waiter[] = [];
  for (const waiters of own.callers.values()) if (waiters.length >= most.length) most = waiters;
  const refused = most.at(-1);
  if (refused === undefined) return;
  remove(own, refused);
  refused.refuse(refused.overloaded(Math.ceil(own.usualMs * (1 + own.waiting / concurrency))));
}
