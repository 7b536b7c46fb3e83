/**
 * Processes that fuzz, each watched from here: an input that hangs its process, or ends it, is a
 * finding.
 *
 * @module
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from './engine.ts';
import { lookThrough } from './window.ts';

/** Executions of one target in one process. */
export interface Job {
  readonly target: string;
  readonly seed: number;
  readonly executions: number;
}

/** A process that shows no new input for so long hangs. */
const HANG_MS = 60_000;
/** No decoder needs as many megabytes. */
const HEAP = 512;

/** Runs jobs in so many processes at a time; `done` is told each outcome. */
export async function runJobs(
  jobs: readonly Job[],
  processes: number,
  done: (job: Job, outcome: Outcome) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-fuzz-'));
  const waiting = [...jobs];
  const work = async (_: unknown, index: number): Promise<void> => {
    const windowFile = join(folder, String(index));
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      done(job, await runJob(job, windowFile));
    }
  };
  try {
    await Promise.all(Array.from({ length: processes }).map(work));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runJob(job: Job, windowFile: string): Promise<Outcome> {
  writeFileSync(windowFile, '');
  const child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(job), windowFile], {
    execArgv: [...process.execArgv, `--max-old-space-size=${HEAP}`],
    serialization: 'advanced',
  });
  return new Promise((resolve, reject) => {
    let before = -1;
    let outcome: Outcome | undefined;
    let hangs = false;
    const watch = setInterval(() => {
      const { count } = lookThrough(windowFile);
      if (count === before && outcome === undefined) hangs = child.kill('SIGKILL');
      before = count;
    }, HANG_MS);
    child.once('message', (message) => {
      outcome = message as Outcome;
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      const { count, input } = lookThrough(windowFile);
      const what = hangs ? `shows no end after ${HANG_MS} ms` : `ends the process with ${signal ?? code}`;
      if (outcome !== undefined) resolve(outcome);
      // Before the first input it is the fuzzer that is broken.
      else if (count === 0) reject(new Error(`${job.target} ${what}`));
      else resolve({ executions: count, findings: [{ input, what }], endings: new Map() });
    });
  });
}
