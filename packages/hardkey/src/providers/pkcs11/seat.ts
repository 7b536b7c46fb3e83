/**
 * One thread of a worker: its socket, and what it is doing.
 *
 * @module
 */
import type { Socket } from 'node:net';
import { isFailure } from '../../errors.ts';
import { FrameReader } from '../../protocols/signer/frames.ts';
import type { Job, Reply } from './jobs.ts';
import { decodeMessage, FRAME_LIMIT, type ReplyHead } from './wire.ts';

/** A thread. */
export interface Seat {
  /** By `performance.now()`: when it was started. */
  readonly startedAt: number;
  readonly phase: 'starting' | 'idle' | 'busy';
  /** What it is doing. */
  readonly job: Job | undefined;
  /**
   * Whether it may have one more job than it does: it is quick, and would otherwise do nothing for as
   * long as its answer and the next request take.
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

/** How many jobs one may have that is quick. */
const AHEAD = 4;
/** A thread is slow after so many jobs in a row that took so many milliseconds, or in one of so many. */
const SLOW = { jobs: 3, jobMs: 1, oneMs: 5 };

/** A thread that is starting. */
export function seatOf(socket: Socket, { onHello, onDone, onBroken }: SeatWatch): Seat {
  const frames = new FrameReader(FRAME_LIMIT);
  /** In the order they were sent, which is that of their answers. */
  const jobs: Job[] = [];
  let starting = true;
  let known = false;
  let slowInRow = 0;

  function isSlow(): boolean {
    const [job] = jobs;
    if (slowInRow >= SLOW.jobs) return true;
    return job !== undefined && performance.now() - job.begunAt >= SLOW.oneMs;
  }

  function take(reply: Reply): void {
    if (starting) {
      starting = false;
      return onHello(reply.head);
    }
    const job = jobs.shift();
    if (job?.id !== reply.head.id) return onBroken();
    const now = performance.now();
    known = true;
    slowInRow = now - job.begunAt >= SLOW.jobMs ? slowInRow + 1 : 0;
    const [next] = jobs;
    if (next !== undefined) next.begunAt = now;
    job.done(reply);
    onDone();
  }

  socket.on('data', (chunk: Uint8Array) => {
    try {
      for (const body of frames.push(chunk)) take(decodeMessage<ReplyHead>(body));
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
      return jobs.length === 0 || (jobs.length < AHEAD && known && !isSlow());
    },
    get isSlow() {
      return isSlow();
    },
    give(job) {
      jobs.push(job);
      job.begunAt = performance.now();
      job.sent = true;
      socket.write(job.frame, () => job.written());
    },
    takeBack() {
      for (const job of jobs.slice(1)) job.sent = false;
    },
  };
}
