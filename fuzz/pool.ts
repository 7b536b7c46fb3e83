/**
 * Threads that fuzz, each watched from here: an input that hangs its thread, or ends it, is a finding.
 *
 * @module
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Outcome } from './engine.ts';
import { createWindow, windowMemory } from './window.ts';

/** Executions of one target in one thread. */
export interface Job {
  readonly target: string;
  readonly seed: number;
  readonly executions: number;
}

/** A thread that shows no new input for so long hangs. */
const HANG_MS = 10_000;
/** No decoder needs as much. */
const MEGABYTES = 512;

/** Runs jobs on so many threads; `done` is told each outcome. */
export async function runJobs(
  jobs: readonly Job[],
  threads: number,
  done: (job: Job, outcome: Outcome) => void,
): Promise<void> {
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) done(job, await runJob(job));
  };
  await Promise.all(Array.from({ length: threads }, work));
}

function runJob(job: Job): Promise<Outcome> {
  const shared = windowMemory();
  const view = createWindow(shared);
  const worker = new Worker(join(import.meta.dirname, 'worker.ts'), {
    workerData: { ...job, shared },
    resourceLimits: { maxOldGenerationSizeMb: MEGABYTES },
  });
  return new Promise((resolve, reject) => {
    let seen = -1;
    const watch = setInterval(() => {
      if (view.count() === seen) end(`shows no end after ${HANG_MS} ms`);
      seen = view.count();
    }, HANG_MS);
    const end = (what: string): void => {
      clearInterval(watch);
      void worker.terminate();
      // Before the first input it is the fuzzer that is broken.
      if (view.count() === 0) reject(new Error(`${job.target}: ${what}`));
      else
        resolve({
          executions: view.count(),
          findings: [{ input: view.current(), what }],
          endings: new Map(),
        });
    };
    worker.once('message', (outcome: Outcome) => {
      clearInterval(watch);
      resolve(outcome);
    });
    worker.once('error', (error) => end(`ends the thread: ${String(error)}`));
    worker.once('exit', (code) => {
      if (code !== 0) end(`ends the thread with ${code}`);
    });
  });
}
