/**
 * The worker processes of a provider: one for each module, started when it is needed and replaced when
 * it ends.
 *
 * @module
 */
import type { FailureDetails } from '../../errors.ts';
import type { Address } from './address.ts';
import type { Settings } from './config.ts';
import { unavailable } from './failures.ts';
import { startWorker, type Worker } from './worker.ts';

/** The workers. */
export interface Workers {
  /** The one that runs, or a new one. Throws `UNAVAILABLE` after too many crashes, and when closed. */
  get(address: Address, details: FailureDetails): Worker;
  /** Asks a worker for nothing more; the next call gets another. */
  replace(worker: Worker): void;
  /** Ends all of them. */
  close(): Promise<void>;
}

/** So many crashes in so much time, and the module is left alone until they are that long ago. */
const CRASHES = 5;
const CRASHES_MS = 60_000;

/** No process yet. */
export function workersOf({ timeoutMs }: Settings): Workers {
  const running = new Map<string, Worker>();
  const ending = new Set<Promise<void>>();
  const crashes = new Map<string, number[]>();
  let closed = false;

  function start({ module, workerKey }: Address): Worker {
    const { path, parameters, env, maxSessions: sessions } = module;
    const more = parameters === undefined ? {} : { parameters };
    const worker = startWorker({ module: path, env, sessions, timeoutMs, ...more }, (crash) => {
      if (running.get(workerKey) === worker) running.delete(workerKey);
      if (crash === undefined) return;
      crashes.set(workerKey, [...(crashes.get(workerKey) ?? []), performance.now()].slice(-CRASHES));
      // One that hangs has others to answer before it ends.
      end(worker).catch(() => undefined);
    });
    return worker;
  }

  function end(worker: Worker): Promise<void> {
    const stopping = worker.stop().finally(() => ending.delete(stopping));
    ending.add(stopping);
    return stopping;
  }

  return {
    get(address, details) {
      if (closed) throw unavailable('the provider was closed', details);
      const known = running.get(address.workerKey);
      if (known !== undefined) return known;
      checkCrashes(crashes.get(address.workerKey) ?? [], details);
      const worker = start(address);
      running.set(address.workerKey, worker);
      return worker;
    },
    replace(worker) {
      if (worker.takes) end(worker).catch(() => undefined);
    },
    async close() {
      closed = true;
      for (const worker of running.values()) end(worker).catch(() => undefined);
      await Promise.all(ending);
    },
  };
}

function checkCrashes(crashes: readonly number[], details: FailureDetails): void {
  const first = crashes.at(-CRASHES);
  if (first === undefined || performance.now() - first > CRASHES_MS) return;
  throw unavailable('the module crashed too often, and is left alone for a minute', details);
}
