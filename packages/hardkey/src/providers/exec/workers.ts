/**
 * The processes of one persistent signer: started when they are needed, replaced when they end.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import type { SignerHello, SignerKey } from '../../protocols/signer/messages.ts';
import type { PersistentSettings } from './config.ts';
import { unavailable } from './failures.ts';
import { waitWithin } from './limits.ts';
import { startWorker, type Worker, type WorkerRequest } from './worker.ts';

/** What a worker said of the key that is meant, and of itself. */
export interface Offer {
  readonly key: SignerKey;
  readonly maxMessage: number;
}

/** The processes of a signer. */
export interface Workers {
  /** Starts a process, if there is none, and checks that it holds the pinned key. */
  offer(publicKey: PublicKey, options: CallOptions, details: FailureDetails): Promise<Offer>;
  /** Asks the process with the least to do. */
  request(
    content: WorkerRequest,
    publicKey: PublicKey,
    options: CallOptions,
    details: FailureDetails,
  ): Promise<Uint8Array>;
  /** Waits for what is in flight and ends all processes. */
  close(): Promise<void>;
}

/** So many crashes in so much time, and the program is not started again. */
const CRASHES = 5;
const CRASHES_MS = 60_000;

/** Requests that may wait for one process. */
const BUSY_LIMIT = 256;

/** Processes of one signer, at most as many as its settings say. */
export function workersOf(settings: PersistentSettings): Workers {
  const running = new Set<Worker>();
  const crashes: number[] = [];
  let closed = false;

  function start(details: FailureDetails): Worker {
    checkCrashes(crashes, details);
    const worker = startWorker(settings, details, (crashed) => {
      running.delete(worker);
      if (crashed) crashes.push(performance.now());
    });
    running.add(worker);
    return worker;
  }

  /** A process with nothing to do, or a new one, or the one with the least to do. */
  function choose(details: FailureDetails): Worker {
    if (closed) throw unavailable('the provider was closed', details);
    let least: Worker | undefined;
    for (const worker of running) if (least === undefined || worker.busy < least.busy) least = worker;
    if (least === undefined || (least.busy > 0 && running.size < settings.workers)) return start(details);
    if (least.busy < BUSY_LIMIT) return least;
    throw new Failure('OVERLOADED', 'too many calls wait for this signer program', details);
  }

  async function ready(
    publicKey: PublicKey,
    options: CallOptions,
    details: FailureDetails,
  ): Promise<{ worker: Worker; hello: SignerHello; key: SignerKey }> {
    const worker = choose(details);
    const hello = await waitWithin(worker.hello, options, settings.timeoutMs, details);
    return { worker, hello, key: keyOf(hello, settings, publicKey, details) };
  }

  return {
    async offer(publicKey, options, details) {
      const { hello, key } = await ready(publicKey, options, details);
      return { key, maxMessage: hello.maxMessage };
    },
    async request(content, publicKey, options, details) {
      const { worker } = await ready(publicKey, options, details);
      return worker.request(content, options, details);
    },
    async close() {
      closed = true;
      await Promise.all([...running].map((worker) => worker.stop()));
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
function keyOf(
  { keys }: SignerHello,
  { key: name, facts }: PersistentSettings,
  publicKey: PublicKey,
  details: FailureDetails,
): SignerKey {
  const named = keys.filter(({ key }) => key === name);
  if (named.length === 0) throw new Failure('KEY_NOT_FOUND', 'the signer program has no such key', details);
  const found = named.find(({ alg }) => alg === facts.name);
  if (found === undefined) {
    throw new Failure('UNSUPPORTED', 'the key of the signer program is for another algorithm', details);
  }
  const { fingerprint } = found;
  if (fingerprint === undefined || fingerprint === publicKey.fingerprint) return found;
  throw new Failure('SIGNER_MISMATCH', 'the signer program holds another key than the pinned one', {
    ...details,
    expected: publicKey.fingerprint,
    actual: fingerprint,
  });
}
