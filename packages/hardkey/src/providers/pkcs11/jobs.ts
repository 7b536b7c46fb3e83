/**
 * The requests of one worker that nobody has the answer to yet.
 *
 * @module
 */
import { watchLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { encodeMessage, type Message, type ReplyHead, type Request } from './wire.ts';

/** A reply: what the module did, or the CKR_… it answered with. */
export type Reply = Message<ReplyHead>;

/** Bytes that go with a request. The caller zeroes his own; ours are zeroed if they are secret. */
export interface RequestBytes {
  readonly data: Uint8Array;
  readonly secret?: boolean;
}

/** A request on its way. */
export interface Job {
  readonly id: number;
  readonly frame: Uint8Array;
  sent: boolean;
  /** By `performance.now()`: when the thread that it was sent to had nothing else to do. */
  begunAt: number;
  /** Whether nobody waits for it any more, because its time was up. */
  late: boolean;
  /** The frame was written, and is not needed again. */
  written(): void;
  done(reply: Reply): void;
  /** Ends it without an answer: with `why` if it was sent. If not, it may be sent elsewhere. */
  fail(why: Failure): void;
}

/** What the owner of the jobs is told. */
export interface JobsWatch {
  /** The first job came, or the last one went. */
  readonly onBusy: (busy: boolean) => void;
  /** Somebody left before the answer came. */
  readonly onLeft: (job: Job) => void;
}

/** Jobs that somebody waits for. */
export interface Jobs {
  readonly size: number;
  /**
   * Makes a job and hands it to `send`. Settles with the answer, or when the call must end before; with
   * nothing, if it was never sent and may be sent elsewhere.
   */
  add(
    request: Request,
    bytes: RequestBytes | undefined,
    options: CallOptions,
    details: FailureDetails,
    send: (job: Job) => void,
  ): Promise<Reply | undefined>;
  /** Fails those that were sent, each with its own details, and gives the others back. */
  fail(why: Failure): void;
}

/** There is a timer for each thread. */
const ANY_TIME = 2 ** 31 - 1;

/** No jobs yet. */
export function jobsOf({ onBusy, onLeft }: JobsWatch): Jobs {
  const waiting = new Map<number, Job>();
  let lastId = 0;

  function leave(id: number, unwatch: () => void): boolean {
    unwatch();
    if (!waiting.delete(id)) return false;
    if (waiting.size === 0) onBusy(false);
    return true;
  }

  return {
    get size() {
      return waiting.size;
    },
    add(request, bytes, options, details, send) {
      return new Promise((resolve, reject) => {
        options.signal?.throwIfAborted();
        // It has 32 bits on the way; those of long ago are answered.
        lastId = (lastId + 1) >>> 0;
        const id = lastId;
        const unwatch = watchLimits(options, ANY_TIME, details, (reason) => {
          job.late = isTimeUp(reason, options);
          leave(id, () => {});
          reject(reason);
          onLeft(job);
        });
        const job = newJob(id, request, bytes, {
          done(reply) {
            if (leave(id, unwatch)) resolve(reply);
          },
          fail(why) {
            if (!leave(id, unwatch)) return;
            if (job.sent) reject(new Failure(why.code, why.message, { ...why.details, ...details }));
            else resolve(undefined);
          },
        });
        waiting.set(id, job);
        if (waiting.size === 1) onBusy(true);
        send(job);
      });
    },
    fail(why) {
      for (const job of [...waiting.values()]) job.fail(why);
    },
  };
}

/** Whether it was left for its deadline, or what `AbortSignal.timeout` makes of one. Others may be slow and well. */
function isTimeUp(reason: unknown, { deadline }: CallOptions): boolean {
  if (reason instanceof DOMException && reason.name === 'TimeoutError') return true;
  return deadline !== undefined && performance.now() >= deadline - 1;
}

function newJob(
  id: number,
  request: Request,
  bytes: RequestBytes | undefined,
  ends: Pick<Job, 'done' | 'fail'>,
): Job {
  const frame = encodeMessage({ id }, request, bytes?.data);
  return {
    id,
    frame,
    sent: false,
    begunAt: 0,
    late: false,
    written() {
      if (bytes?.secret === true) frame.fill(0);
    },
    ...ends,
  };
}
