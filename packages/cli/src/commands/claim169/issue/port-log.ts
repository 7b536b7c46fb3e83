/**
 * The audit log of a run, for its threads: one process writes a log, and in it one thread.
 *
 * @module
 */
import type { MessagePort } from 'node:worker_threads';
import { isFailure } from 'hardkey';
import type { AuditLog } from 'hardkey/audit';
import { failureOf, type Refusal } from '../../../exit.ts';

interface ToLog {
  readonly number: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/** That a record is durable, or why it is not. */
interface FromLog {
  readonly number: number;
  readonly refusal?: Refusal;
}

/** Appends what comes from the port. */
export function serveLog(port: MessagePort, log: AuditLog): void {
  const answer = (message: FromLog): void => port.postMessage(message);
  const append = async ({ number, record }: ToLog): Promise<void> => {
    try {
      await log.append(record);
      answer({ number });
    } catch (error) {
      if (!isFailure(error)) throw error;
      answer({ number, refusal: error.toJSON() });
    }
  };
  // What is no failure of ours ends the process, as it should: nobody is left to tell.
  port.on('message', (asked: ToLog) => void append(asked));
}

/** The log behind a port. */
export function logBehind(port: MessagePort): AuditLog {
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  let count = 0;
  port.on('message', ({ number, refusal }: FromLog) => {
    const record = waiting.get(number);
    waiting.delete(number);
    if (refusal === undefined) record?.resolve();
    else record?.reject(failureOf(refusal));
  });
  // The thread ends when it has nothing to do.
  port.unref();
  return {
    append(record) {
      const durable = Promise.withResolvers<void>();
      const number = count++;
      waiting.set(number, durable);
      port.postMessage({ number, record } satisfies ToLog);
      return durable.promise;
    },
  };
}
