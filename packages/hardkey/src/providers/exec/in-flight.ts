/**
 * The requests of one worker that have no reply yet.
 *
 * @module
 */

import { type EndedBy, watchLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import type { SignerReply } from '../../protocols/signer/messages.ts';
import { replyFailure } from './failures.ts';

/** Requests by number. */
export interface InFlight {
  readonly size: number;
  /** Sends a request under its number. Settles with its reply, or when the call ends before. */
  add(
    send: (id: number) => void,
    options: CallOptions,
    timeoutMs: number,
    details: FailureDetails,
  ): Promise<Uint8Array>;
  /**
   * Gives a reply to its request. One that comes too late is discarded. Throws `MALFORMED` when
   * nothing was ever asked under its number.
   */
  settle(reply: SignerReply): void;
  /** Fails all of them, each with its own details. */
  fail(why: Failure): void;
}

/** What the owner of the requests is told. */
export interface InFlightWatch {
  /** The first request came, or the last one went. */
  readonly onBusy: (busy: boolean) => void;
  /** A call ended before its reply came. `sentAt` is by `performance.now()`. */
  readonly onLate: (by: EndedBy, sentAt: number) => void;
}

interface Waiting {
  readonly details: FailureDetails;
  readonly done: (result: Uint8Array | Failure) => void;
}

/** No requests yet. */
export function inFlight({ onBusy, onLate }: InFlightWatch): InFlight {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;

  function take(id: number): Waiting | undefined {
    const found = waiting.get(id);
    if (waiting.delete(id) && waiting.size === 0) onBusy(false);
    return found;
  }

  return {
    get size() {
      return waiting.size;
    },
    add(send, options, timeoutMs, details) {
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        const sentAt = performance.now();
        const unwatch = watchLimits(options, timeoutMs, details, (reason, by) => {
          take(id);
          reject(reason);
          onLate(by, sentAt);
        });
        if (options.signal?.aborted) return;
        waiting.set(id, {
          details,
          done(result) {
            unwatch();
            if (result instanceof Failure) reject(result);
            else resolve(result);
          },
        });
        if (waiting.size === 1) onBusy(true);
        send(id);
      });
    },
    settle(reply) {
      const { id, signature, code } = reply;
      const found = take(id);
      if (found !== undefined) found.done(signature ?? replyFailure(code ?? '', found.details));
      else if (id === 0 || id > lastId) {
        throw new Failure('MALFORMED', 'a reply to no request', { field: 'signer.reply.id' });
      }
    },
    fail({ code, message, details }) {
      const all = [...waiting.values()];
      waiting.clear();
      if (all.length > 0) onBusy(false);
      for (const one of all) one.done(new Failure(code, message, { ...details, ...one.details }));
    },
  };
}
