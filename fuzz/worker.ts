/**
 * One thread of fuzzing. The thread that started it sees the input at work in shared memory, and can
 * name it when this one hangs or runs out of memory.
 *
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { readCorpus } from './corpus.ts';
import { type Finding, fuzz, type Outcome, replay } from './engine.ts';
import type { Job } from './pool.ts';
import { targets } from './targets/index.ts';
import { createWindow } from './window.ts';

const job = workerData as Job & { readonly shared: SharedArrayBuffer };
const target = targets.find(({ name }) => name === job.target);
if (target === undefined) throw new Error(`no target ${job.target}`);

// Most inputs fail, and a stack costs more than most decoders. Findings are run again to get theirs.
Error.stackTraceLimit = 0;
const { announce } = createWindow(job.shared);
const outcome = await fuzz(target, {
  seed: job.seed,
  executions: job.executions,
  corpus: readCorpus(target.name),
  announce,
});
const findings: Finding[] = [];
for (const { input, what } of outcome.findings) {
  findings.push({ input, what: (await replay(target, input)).wrong ?? `${what}, but not every time` });
}
parentPort?.postMessage({ ...outcome, findings } satisfies Outcome);
