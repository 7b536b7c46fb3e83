/**
 * The processes of one persistent signer: started when they are needed, replaced when they end.
 *
 * @module
 */

import { checkLimits, waitWithin } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import type { SignerHello, SignerKey } from '../../protocols/signer/messages.ts';
import type { PersistentSettings } from './config.ts';
import { unavailable } from './failures.ts';
import { startWorker, type Worker, type WorkerRequest } from './worker.ts';

/** What a worker said of the key that is meant, and of itself. */
export interface Offer {
  readonly key: SignerKey;
  readonly maxMessage: number;
}

/** The processes of a signer. */
export interface Workers {
  /** Starts a process, if there is none, and checks that it holds the pinned key. */
  offer(options: CallOptions, details: FailureDetails): Promise<Offer>;
  /** Asks the process with the least to do. */
  request(content: WorkerRequest, options: CallOptions, details: FailureDetails): Promise<Uint8Array>;
  /** Waits for what is in flight and ends all processes. */
  close(): Promise<void>;
}

/** So many crashes in so much time, and the program is not started again. */
const CRASHES = 5;
const CRASHES_MS = 60_000;

/** Calls that may wait for one process. */
const CALLS_LIMIT = 256;

interface Seat {
  readonly worker: Worker;
  calls: number;
  offer?: Offer;
}

/** Processes of one signer, at most as many as its settings say, all with the pinned key. */
export function workersOf(settings: PersistentSettings, publicKey: PublicKey): Workers {
  const seats = new Set<Seat>();
  const crashes: number[] = [];
  let refused = false;
  let closed = false;

  function start(details: FailureDetails): Seat {
    // Starting again with the same PIN would lock the token behind the program.
    if (refused) throw new Failure('DENIED', 'the signer program refused and is not started again', details);
    checkCrashes(crashes, details);
    const worker = startWorker(settings, details, (crash) => {
      seats.delete(seat);
      if (crash !== undefined) crashes.push(performance.now());
      crashes.splice(0, crashes.length - CRASHES);
      if (crash?.code === 'DENIED') refused = true;
    });
    const seat: Seat = { worker, calls: 0 };
    seats.add(seat);
    return seat;
  }

  /** A process with nothing to do, or a new one, or the one with the least to do. */
  function choose(details: FailureDetails): Seat {
    let least: Seat | undefined;
    for (const seat of seats) if (least === undefined || seat.calls < least.calls) least = seat;
    if (least === undefined || (least.calls > 0 && seats.size < settings.workers)) return start(details);
    if (least.calls < CALLS_LIMIT) return least;
    throw new Failure('OVERLOADED', 'too many calls wait for this signer program', details);
  }

  async function call<T>(
    options: CallOptions,
    details: FailureDetails,
    act: (worker: Worker, offer: Offer) => T | Promise<T>,
  ): Promise<T> {
    checkLimits(options, details);
    if (closed) throw unavailable('the provider was closed', details);
    const seat = choose(details);
    seat.calls += 1;
    try {
      seat.offer ??= offerOf(
        await waitWithin(seat.worker.hello, options, settings.timeoutMs, details),
        settings,
        publicKey,
        details,
      );
      return await act(seat.worker, seat.offer);
    } finally {
      seat.calls -= 1;
    }
  }

  return {
    offer: (options, details) => call(options, details, (_worker, offer) => offer),
    request: (content, options, details) =>
      call(options, details, (worker) => worker.request(content, options, details)),
    async close() {
      closed = true;
      await Promise.all([...seats].map(({ worker }) => worker.stop()));
    },
  };
}

/** Throws `UNAVAILABLE`, for good, when the last crashes came too fast. */
function checkCrashes(crashes: readonly number[], details: FailureDetails): void {
  const first = crashes.at(-CRASHES);
  if (first === undefined || (crashes.at(-1) ?? 0) - first > CRASHES_MS) return;
  throw unavailable('the signer program crashed too often and is not started again', details);
}

/** The key that is meant, or `KEY_NOT_FOUND`, `UNSUPPORTED` or `SIGNER_MISMATCH`, before anything is signed. */
function offerOf(
  { keys, maxMessage }: SignerHello,
  { key: name, facts }: PersistentSettings,
  publicKey: PublicKey,
  details: FailureDetails,
): Offer {
  const named = keys.filter(({ key }) => key === name);
  if (named.length === 0) throw new Failure('KEY_NOT_FOUND', 'the signer program has no such key', details);
  const found = named.find(({ alg }) => alg === facts.name);
  if (found === undefined) {
    throw new Failure('UNSUPPORTED', 'the key of the signer program is for another algorithm', details);
  }
  const { fingerprint } = found;
  if (fingerprint === undefined || fingerprint === publicKey.fingerprint) return { key: found, maxMessage };
  throw new Failure('SIGNER_MISMATCH', 'the signer program holds another key than the pinned one', {
    ...details,
    expected: publicKey.fingerprint,
    actual: fingerprint,
  });
}
