/**
 * Records over several threads, and their outcomes in the order of the records.
 *
 * @module
 */
import type { Worker } from 'node:worker_threads';
import { failureOf } from '../../../exit.ts';
import type { Row } from './input.ts';
import type { Outcome } from './lane.ts';
import { packed } from './pack.ts';
import type { FromThread, ToThread } from './thread.ts';

/** A row, and what became of it. */
export type Result = readonly [row: Row, outcome: Outcome];

/** Groups of records for each thread that are begun before they are asked for, so that none waits. */
const AHEAD = 4;

/**
 * Shares groups of records out to threads that were started, each to the one that has the least to do,
 * and ends the threads. Throws why a thread could not begin, and what the records throw.
 */
export async function* overThreads(
  groups: AsyncIterable<readonly Row[]>,
  workers: readonly Worker[],
): AsyncGenerator<readonly Result[], void, undefined> {
  const lanes = workers.map(laneOf);
  const work = (rows: readonly Row[]): Promise<readonly Result[]> => leastBusy(lanes).ask(rows);
  try {
    for await (const { result } of begunAhead(groups, lanes.length * AHEAD, work)) yield await result;
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

interface Begun<R> {
  readonly result: Promise<R>;
}

/** Work that is begun for up to `most` things that were not asked for yet, in the order of the things. */
function begunAhead<T, R>(
  things: AsyncIterable<T>,
  most: number,
  work: (thing: T) => Promise<R>,
): AsyncIterable<Begun<R>> {
  const source = things[Symbol.asyncIterator]();
  const begun = (result: Promise<R>): Begun<R> => {
    // It is looked at when its turn comes.
    result.catch(() => undefined);
    return { result };
  };
  return new ReadableStream<Begun<R>>(
    {
      async pull(controller) {
        try {
          const next = await source.next();
          if (next.done === true) controller.close();
          else controller.enqueue(begun(work(next.value)));
        } catch (error) {
          // In its place: after what was begun before.
          controller.enqueue(begun(Promise.reject(error)));
          controller.close();
        }
      },
    },
    { highWaterMark: most },
  );
}

interface Lane {
  /** Groups that it has and has not answered. */
  readonly held: number;
  ask(rows: readonly Row[]): Promise<readonly Result[]>;
  close(): Promise<void>;
}

function leastBusy(lanes: readonly Lane[]): Lane {
  return lanes.reduce((least, lane) => (lane.held < least.held ? lane : least));
}

function laneOf(worker: Worker): Lane {
  const asked: PromiseWithResolvers<readonly Outcome[]>[] = [];
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  let over: unknown;
  const stop = (reason: unknown): void => {
    over ??= reason;
    for (const { reject } of asked.splice(0)) reject(over);
  };
  worker.on('message', (message: FromThread) => {
    if ('stopped' in message) stop(failureOf(message.stopped));
    else asked.shift()?.resolve(message.outcomes);
  });
  worker.on('error', stop);
  worker.on('exit', () => stop(new Error('a thread ended by itself')));
  const post = (message: ToThread, handedOver: readonly ArrayBuffer[] = []): void =>
    worker.postMessage(message, handedOver);

  return {
    get held() {
      return asked.length;
    },
    async ask(rows) {
      if (over !== undefined) throw over;
      const answer = Promise.withResolvers<readonly Outcome[]>();
      asked.push(answer);
      const message = packed(rows.map(({ bytes }) => bytes));
      post(message, [message.content.buffer]);
      const outcomes = await answer.promise;
      return rows.map((row, index) => [row, outcomeAt(outcomes, index)]);
    },
    async close() {
      if (asked.length > 0) await worker.terminate();
      else post('end');
      await exited;
    },
  };
}

function outcomeAt(outcomes: readonly Outcome[], index: number): Outcome {
  const outcome = outcomes[index];
  if (outcome === undefined) throw new Error('a thread left a record out');
  return outcome;
}
