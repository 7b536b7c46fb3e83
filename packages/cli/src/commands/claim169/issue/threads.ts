/**
 * Records over several threads, in turn, and their outcomes in the order of the records.
 *
 * @module
 */
import { on } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { Failure } from 'hardkey';
import type { Refusal } from '../../../exit.ts';
import type { Outcome, RecordBytes } from './lane.ts';
import type { FromThread, ToThread } from './thread.ts';

/** Records that one thread may have: enough that it never waits for the next. */
const HELD = 192;

/**
 * Shares records out to threads that were started, and ends them. Throws why a thread could not begin,
 * and what the records throw.
 */
export async function* overThreads(
  records: AsyncIterable<RecordBytes>,
  workers: readonly Worker[],
): AsyncGenerator<Outcome, void, undefined> {
  const lanes = workers.map(laneOf);
  const feeding = feed(records, lanes);
  // It is looked at when the outcomes of what was fed are through.
  feeding.catch(() => undefined);
  try {
    // Turns are taken alike on both sides: the first lane without an answer is where the records ended.
    for (let turn = 0; ; turn++) {
      const answer = await lanes[turn % lanes.length]?.answers.next();
      if (answer === undefined || answer.done === true) break;
      yield answer.value;
    }
    await feeding;
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

interface Lane {
  /** Waits for room, and sends. Rejects when the lane was closed. */
  send(bytes: RecordBytes): Promise<void>;
  end(): void;
  readonly answers: AsyncGenerator<Outcome, void, undefined>;
  close(): Promise<void>;
}

async function feed(records: AsyncIterable<RecordBytes>, lanes: readonly Lane[]): Promise<void> {
  let turn = 0;
  try {
    for await (const bytes of records) await lanes[turn++ % lanes.length]?.send(bytes);
  } finally {
    for (const lane of lanes) lane.end();
  }
}

function laneOf(worker: Worker): Lane {
  let held = 0;
  let closed = false;
  let room = Promise.withResolvers<void>();
  const post = (message: ToThread): void => worker.postMessage(message);
  // From now on, so that no answer comes before somebody listens.
  const messages = on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[FromThread]>;

  async function* answers(): AsyncGenerator<Outcome, void, undefined> {
    for await (const [message] of messages) {
      if (message === 'end') return;
      if ('stopped' in message) throw asFailure(message.stopped);
      held -= message.outcomes.length;
      room.resolve();
      yield* message.outcomes;
    }
    throw new Error('a thread ended by itself');
  }

  return {
    answers: answers(),
    async send(bytes) {
      while (held >= HELD && !closed) {
        room = Promise.withResolvers();
        await room.promise;
      }
      if (closed) throw new Error('the threads were ended');
      held += 1;
      post({ bytes });
    },
    end: () => post('end'),
    async close() {
      closed = true;
      room.resolve();
      await worker.terminate();
    },
  };
}

function asFailure({ code, message, details }: Refusal): Failure {
  return new Failure(code, message, details);
}
