/**
 * One thread of a worker: its socket, and what it is doing.
 *
 * @module
 */
import type { Socket } from 'node:net';
import { isFailure } from '../../errors.ts';
import { FrameReader } from '../../protocols/signer/frames.ts';
import type { Job, Reply } from './jobs.ts';
import { FRAME_LIMIT, MessageReader, type ReplyHead } from './wire.ts';

/** A thread. */
export interface Seat {
  /** By `performance.now()`: when it was started. */
  readonly startedAt: number;
  readonly phase: 'starting' | 'idle' | 'busy';
  /** What it is doing. */
  readonly job: Job | undefined;
  /**
   * Whether it may have one more job: it has nothing to do; or it is quick, and would otherwise do
   * nothing for as long as its answer and the next request take.
   */
  readonly hasRoom: boolean;
  /** Whether what it does takes so long that others could do something meanwhile. */
  readonly isSlow: boolean;
  give(job: Job): void;
  /** The call that it is in never returns: what it was given after that was never begun. */
  takeBack(): void;
}

/** What the owner of a seat is told. */
export interface SeatWatch {
  /** It said hello, and has the module, or why not. */
  readonly onHello: (hello: ReplyHead) => void;
  /** It has done something. */
  readonly onDone: () => void;
  /** What it says makes no sense, or its socket was closed. */
  readonly onBroken: () => void;
}

/** How much a quick thread may have before it, in milliseconds: others take as long to fetch its answers. */
const AHEAD_MS = 2;
/**
 * A module that takes longer for a job lets others do something meanwhile. One that takes less is mostly
 * software, whose threads wait for each other.
 */
const SLOW_MS = 0.5;
/** What one job counts at most, and the last one's share in the average: a pause of the machine is no sign. */
const MOST_MS = 2;
const LAST = 1 / 8;
/** So many requests are written together at most. */
const TOGETHER = 8;
/** A job may take so long before its thread is slow: where none was done yet, and where others were quick. */
const PATIENCE_MS = { first: 5, later: 100 };

/** A thread that is starting. */
export function seatOf(socket: Socket, { onHello, onDone, onBroken }: SeatWatch): Seat {
  const frames = new FrameReader(FRAME_LIMIT);
  const messages = new MessageReader<ReplyHead>();
  /** In the order they were sent, which is that of their answers. */
  const jobs: Job[] = [];
  let starting = true;
  /** How many of them are yet to be written, before this turn of the loop is over. */
  let held = 0;
  /** How long a key is used for, on average, in milliseconds. */
  let usualMs: number | undefined;

  function isSlow(): boolean {
    const [job] = jobs;
    if ((usualMs ?? 0) >= SLOW_MS) return true;
    const { first, later } = PATIENCE_MS;
    return job !== undefined && performance.now() - job.begunAt >= (usualMs === undefined ? first : later);
  }

  /** It gets what it would wait for at once, and what it has no time for yet in few writes: each costs a system call. */
  function write({ frame, written }: Job): void {
    if (held === 0) {
      socket.cork();
      process.nextTick(flush);
    }
    held += 1;
    socket.write(frame, written);
    if (held >= Math.min(jobs.length - held, TOGETHER)) flush();
  }

  function flush(): void {
    if (held === 0) return;
    held = 0;
    socket.uncork();
  }

  function take(reply: Reply): void {
    if (starting) {
      starting = false;
      return onHello(reply.head);
    }
    const job = jobs.shift();
    if (job?.id !== reply.id) return onBroken();
    if (reply.tookUs > 0) {
      const tookMs = Math.min(reply.tookUs / 1000, MOST_MS);
      usualMs = usualMs === undefined ? tookMs : usualMs + (tookMs - usualMs) * LAST;
    }
    const [next] = jobs;
    if (next !== undefined) next.begunAt = performance.now();
    job.done(reply);
    onDone();
  }

  socket.on('data', (chunk: Uint8Array) => {
    try {
      for (const body of frames.push(chunk)) take(messages.read(body));
    } catch (error) {
      if (!isFailure(error)) throw error;
      // Whoever sends one wrong frame cannot be believed about the next.
      onBroken();
    }
  });
  socket.on('close', onBroken);

  return {
    startedAt: performance.now(),
    get phase() {
      if (starting) return 'starting';
      return jobs.length === 0 ? 'idle' : 'busy';
    },
    get job() {
      return jobs[0];
    },
    get hasRoom() {
      if (starting) return false;
      return jobs.length === 0 || (usualMs !== undefined && jobs.length * usualMs < AHEAD_MS && !isSlow());
    },
    get isSlow() {
      return isSlow();
    },
    give(job) {
      jobs.push(job);
      job.begunAt = performance.now();
      job.sent = true;
      write(job);
    },
    takeBack() {
      for (const job of jobs.slice(1)) job.sent = false;
    },
  };
}
