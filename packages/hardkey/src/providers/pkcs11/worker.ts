/**
 * One worker process, as the application sees it: requests go in, and whatever happens to the module,
 * each of them ends.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { type ChildSettings, startChild } from './child.ts';
import { loadFailure, unavailable } from './failures.ts';
import { type Job, jobsOf, type Reply, type RequestBytes } from './jobs.ts';
import { type Seat, seatOf } from './seat.ts';
import type { ReplyHead, Request } from './wire.ts';

/** What a worker is for. */
export interface WorkerSettings extends ChildSettings {
  /** The longest that one call into the module may take. */
  readonly timeoutMs: number;
}

/** A worker that runs, or ran. */
export interface Worker {
  /** By `performance.now()`. */
  readonly startedAt: number;
  /** When it was last asked something. */
  readonly askedAt: number;
  /** Whether it takes requests. */
  readonly takes: boolean;
  /** Why not, if nobody asked it to end. */
  readonly ended: Failure | undefined;
  /**
   * Resolves with the answer, also when that is an error of the token; with nothing, when the process
   * ended before it was asked. Rejects with the signal's reason, and with `UNAVAILABLE` at the deadline
   * and when the process ends, or has to be ended, before it answered.
   */
  request(
    request: Request,
    options: CallOptions,
    details: FailureDetails,
    bytes?: RequestBytes,
  ): Promise<Reply | undefined>;
  /** Takes no more requests and ends once those it has are answered; what does not end is killed. */
  stop(): Promise<void>;
}

/** Requests that wait for a session. */
const QUEUE = 1024;
/** So long may a call take whose caller left at his deadline, before it counts as one that hangs. */
const ABANDONED_MS = 1000;
/** So long may a thread take to load the module and initialise it. */
const START_MS = 30_000;
const LOOK_MS = 200;
/** So long after there was too much to do it is looked at again. */
const HELP_MS = 2;
const STOP_MS = 1500;

/** Starts a process. `onEnd` is called once, when it takes no more: with why, if it was not asked to end. */
export function startWorker(settings: WorkerSettings, onEnd: (crash: Failure | undefined) => void): Worker {
  const about = { provider: 'pkcs11', path: settings.module };
  const startedAt = performance.now();
  const child = startChild(settings);
  const seats: Seat[] = [];
  const queue = new Set<Job>();
  let whenIdle = (): void => {};
  let phase: 'running' | 'leaving' | 'stopping' | 'over' = 'running';
  /** Whether somebody waits for its end, and so has to live until then. */
  let isAwaited = false;
  let ended: Failure | undefined;
  let askedAt = startedAt;
  /** Whether threads of the process share nothing, so that only the first is of use. */
  let alone = false;
  let helping: NodeJS.Timeout | undefined;

  const jobs = jobsOf({
    onBusy(busy) {
      if (busy) child.hold(true);
      // Whoever signs one after the other is back before this turn of the loop is over.
      else setImmediate(letGo);
    },
    onLeft(job) {
      // What was not sent need not be. What was is done, and its answer dropped.
      if (queue.delete(job)) job.written();
      endIfHanging();
    },
  });

  function letGo(): void {
    if (jobs.size > 0) return;
    if (!isAwaited) child.hold(false);
    whenIdle();
  }

  /** Starts a thread, one after the other: the first of them initialises the module. */
  function grow(): void {
    if (alone || seats.some((seat) => seat.phase === 'starting')) return;
    const socket = child.startThread();
    if (socket === undefined) return;
    const onBroken = (): void => end(unavailable('the worker of the module broke off', about));
    seats.push(seatOf(socket, { onHello: begin, onDone: pump, onBroken }));
  }

  function begin({ error, initialized }: ReplyHead): void {
    if (error !== undefined) return end(loadFailure(error, about), false);
    if (initialized && seats.length > 1) {
      // p11-kit's client: to each that loads it, it is another application, with handles of its own.
      alone = true;
      seats.pop();
    }
    pump();
  }

  /** Gives what waits to threads that have nothing to do, or soon will. */
  function pump(): void {
    for (const job of queue) {
      // Behind one that is quick, others are of no use.
      const seat = seats.find((one) => one.hasRoom || (one.phase === 'busy' && !one.isSlow));
      if (!seat?.hasRoom) return help();
      queue.delete(job);
      seat.give(job);
    }
  }

  /** More threads, where that helps: those of a token that is quick would only wait for each other. */
  function help(): void {
    if (seats.every((seat) => seat.isSlow)) grow();
    else helping ??= setTimeout(helpLater, HELP_MS).unref();
  }

  function helpLater(): void {
    helping = undefined;
    pump();
  }

  function end(why: Failure, crashed = true): void {
    if (phase === 'over') return;
    const told = phase !== 'running';
    phase = 'over';
    ended = why;
    clearInterval(look);
    clearTimeout(helping);
    child.kill();
    giveBack(why);
    jobs.fail(why);
    if (!told) onEnd(crashed ? why : undefined);
  }

  /** What waits goes to the next process. */
  function giveBack(why: Failure): void {
    for (const job of queue) {
      job.written();
      job.fail(why);
    }
    queue.clear();
  }

  /** A call into a module cannot be ended; its process can, once those that do not hang have answered. */
  function endIfHanging(): void {
    const hanging = seats.filter(hangs);
    if (hanging.length === 0) return;
    const why = unavailable('the module hangs', about);
    for (const { job } of hanging) job?.fail(why);
    if (phase === 'running') {
      phase = 'leaving';
      ended = why;
      giveBack(why);
      onEnd(why);
    }
    if (seats.some((seat) => seat.phase === 'busy' && !hanging.includes(seat))) return;
    for (const seat of hanging) seat.takeBack();
    end(why);
  }

  function hangs({ phase: its, startedAt: since, job }: Seat): boolean {
    const now = performance.now();
    if (its === 'starting') return now - since > START_MS;
    if (job === undefined) return false;
    const { timeoutMs } = settings;
    return now - job.begunAt > (job.late ? Math.min(ABANDONED_MS, timeoutMs) : timeoutMs);
  }

  const look = setInterval(endIfHanging, LOOK_MS);
  look.unref();
  child.ended.then(
    (message) => end(unavailable(message, about)),
    () => {},
  );

  return {
    startedAt,
    get askedAt() {
      return askedAt;
    },
    get takes() {
      return phase === 'running';
    },
    get ended() {
      return ended;
    },
    async request(request, options, details, bytes) {
      if (phase !== 'running') return undefined;
      if (queue.size >= QUEUE) throw new Failure('OVERLOADED', 'too many calls wait for the token', details);
      askedAt = performance.now();
      return jobs.add(request, bytes, options, details, (job) => {
        queue.add(job);
        pump();
      });
    },
    async stop() {
      if (phase === 'running') {
        phase = 'stopping';
        onEnd(undefined);
      }
      isAwaited = true;
      // What was never loaded has nothing to answer.
      if (seats.every((seat) => seat.phase === 'starting')) end(unavailable('the worker ended', about));
      if (jobs.size > 0) {
        await new Promise<void>((resolve) => {
          whenIdle = resolve;
        });
      }
      child.hold(true);
      child.close();
      const kill = setTimeout(() => child.kill(), STOP_MS);
      await child.ended;
      clearTimeout(kill);
    },
  };
}
