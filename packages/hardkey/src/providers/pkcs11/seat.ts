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
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly phase: 'starting' | 'idle' | 'busy';
  /** What it is doing. */
  readonly job: Job | undefined;
  give(job: Job): void;
}

/** What the owner of a seat is told. */
export interface SeatWatch {
  /** It said hello, and has the module, or why not. */
  readonly onHello: (hello: ReplyHead) => void;
  /** It has nothing to do. */
  readonly onIdle: () => void;
  /** What it says makes no sense, or its socket was closed. */
  readonly onBroken: () => void;
}

/** A thread that is starting. */
export function seatOf(socket: Socket, { onHello, onIdle, onBroken }: SeatWatch): Seat {
  const frames = new FrameReader(FRAME_LIMIT);
  let phase: Seat['phase'] = 'starting';
  let job: Job | undefined;

  function take(reply: Reply): void {
    const before = job;
    if (phase !== 'starting' && before?.id !== reply.head.id) return onBroken();
    const hello = phase === 'starting';
    phase = 'idle';
    job = undefined;
    if (hello) return onHello(reply.head);
    before?.done(reply);
    onIdle();
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
      return phase;
    },
    get job() {
      return job;
    },
    give(next) {
      job = next;
      phase = 'busy';
      next.sentAt = performance.now();
      socket.write(next.frame, () => next.written());
    },
  };
}
