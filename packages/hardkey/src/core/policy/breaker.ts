/**
 * Stops asking a backend that does not answer, and finds out carefully whether it is back.
 *
 * @module
 */
import { Failure, isFailure } from '../../errors.ts';
import type { CallOptions } from '../operations.ts';
import type { Around, Call } from './call.ts';
import { isPastDeadline, leavingInTime } from './deadline.ts';

/** When the breaker opens, and for how long. */
export interface BreakerConfig {
  /** It opens for this long at first, and for twice as long each time it opens again. */
  readonly openMs: number;
  /** It never opens for longer. */
  readonly maxOpenMs: number;
  /**
   * A deadline that passes counts against the backend only if the attempt had this long: a caller in a
   * hurry must not shut others out.
   */
  readonly patienceMs: number;
}

/** What a breaker reads of time and chance. */
export interface BreakerChance {
  readonly now: () => number;
  readonly random: () => number;
}

/** What is known of one subject. */
interface Watch {
  /** One bit for each of the latest calls that count, the last one lowest: set where it failed. */
  recent: number;
  counted: number;
  /** When the last failure was counted. */
  failedAt: number;
  /** Set while the breaker is not closed: when a call may be let through to try. */
  openUntil: number | undefined;
  timesOpened: number;
  trying: boolean;
  triedWell: number;
}

/** The last three. */
const ROW_OPENS = 0b111;
/** Half of the last 20, when there were at least 5. */
const SHARE_OPENS = 0.5;
const SHARE_OF = 20;
const SHARE_LEAST = 5;
const SHARE_BITS = 2 ** SHARE_OF - 1;
const CLOSES = 2;
/** Subjects watched at once; of more, the one watched longest is forgotten. */
const WATCHED = 4096;

const REAL: BreakerChance = { now: () => performance.now(), random: Math.random };

/**
 * Opens after three `UNAVAILABLE` in a row, or when half of the last 20 calls (of at least 5) were. Calls that
 * were under way when one was counted fail with it, and are not counted again.
 * While open, calls are `UNAVAILABLE` at once, with the field `breaker` and `retryAfterMs`. Then one
 * call at a time is let through, after a self-test where the key has one; two good ones close it, a bad
 * one opens it for longer. Refusals, wrong arguments and everything else a backend says count neither way.
 */
export function withBreaker(config: BreakerConfig, chance: BreakerChance = REAL): Around {
  const watches = new Map<string, Watch>();

  return async (call, options, next) => {
    const watch = watches.get(call.subject);
    const trying = watch?.openUntil !== undefined;
    if (trying) admit(watch, call, chance.now());
    const began = chance.now();
    try {
      if (trying && call.selfTest !== undefined) {
        await leavingInTime(call, options, call.selfTest);
        succeeded(watches, call.subject, trying);
      }
      const result = await next(options);
      succeeded(watches, call.subject, trying);
      return result;
    } catch (error) {
      if (isOutage(error, options, chance.now() - began, config.patienceMs)) {
        failed(watchOf(watches, call.subject), trying, began, config, chance);
      }
      throw error;
    } finally {
      if (trying) watch.trying = false;
    }
  };
}

/** Lets one call through when it is time; the others are told when to come back. */
function admit(watch: Watch, { operation, ref }: Call, now: number): void {
  const wait = (watch.openUntil ?? 0) - now;
  if (wait <= 0 && !watch.trying) {
    watch.trying = true;
    return;
  }
  throw new Failure('UNAVAILABLE', 'the backend failed lately and is left alone for a while', {
    operation,
    field: 'breaker',
    retryAfterMs: Math.max(1, Math.ceil(wait)),
    ...(ref === undefined ? {} : { ref: String(ref) }),
  });
}

/** Whether the failure says that the backend cannot be reached. What the caller ended says nothing. */
function isOutage(error: unknown, { signal }: CallOptions, tookMs: number, patienceMs: number): boolean {
  if (isPastDeadline(error)) return tookMs >= patienceMs;
  if (signal?.aborted && error === signal.reason) return false;
  return isFailure(error, 'UNAVAILABLE') && error.details.field !== 'closed';
}

function succeeded(watches: Map<string, Watch>, subject: string, trying: boolean): void {
  const watch = watchOf(watches, subject);
  if (watch.openUntil === undefined) remember(watch, 0);
  // While open, an answer to a call from before says nothing of now.
  else if (trying && ++watch.triedWell >= CLOSES) watches.delete(subject);
}

function failed(
  watch: Watch,
  trying: boolean,
  began: number,
  config: BreakerConfig,
  chance: BreakerChance,
): void {
  if (watch.openUntil !== undefined) {
    if (trying) open(watch, config, chance);
    return;
  }
  // One crash ends everything that is under way, and is one failure.
  if (began < watch.failedAt) return;
  watch.failedAt = chance.now();
  remember(watch, 1);
  if ((watch.recent & ROW_OPENS) === ROW_OPENS || isHalf(watch)) open(watch, config, chance);
}

function isHalf({ recent, counted }: Watch): boolean {
  let failures = 0;
  for (let bits = recent; bits !== 0; bits &= bits - 1) failures += 1;
  return counted >= SHARE_LEAST && failures >= counted * SHARE_OPENS;
}

/** Half of the time is certain and half is jitter, so that processes do not come back in step. */
function open(watch: Watch, { openMs, maxOpenMs }: BreakerConfig, { now, random }: BreakerChance): void {
  const longest = Math.min(maxOpenMs, openMs * 2 ** watch.timesOpened);
  watch.openUntil = now() + longest * (0.5 + 0.5 * random());
  watch.timesOpened += 1;
  watch.triedWell = 0;
}

function remember(watch: Watch, failure: 0 | 1): void {
  watch.recent = ((watch.recent << 1) | failure) & SHARE_BITS;
  watch.counted = Math.min(watch.counted + 1, SHARE_OF);
}

function watchOf(watches: Map<string, Watch>, subject: string): Watch {
  const known = watches.get(subject);
  if (known !== undefined) return known;
  const [oldest] = watches.keys();
  if (oldest !== undefined && watches.size >= WATCHED) watches.delete(oldest);
  const made: Watch = {
    recent: 0,
    counted: 0,
    failedAt: Number.NEGATIVE_INFINITY,
    openUntil: undefined,
    timesOpened: 0,
    trying: false,
    triedWell: 0,
  };
  watches.set(subject, made);
  return made;
}
