/**
 * One process of fuzzing. The process that started it sees the input at work through a window, and can
 * name it when this one hangs or dies.
 *
 * @module
 */
import { readCorpus } from './corpus.ts';
import { type Finding, fuzz, type Outcome, replay } from './engine.ts';
import type { Job } from './pool.ts';
import { targets } from './targets/index.ts';
import { openWindow } from './window.ts';

const [given = '', windowFile = ''] = process.argv.slice(2);
const { target: name, seed, executions } = JSON.parse(given) as Job;
const target = targets.find((one) => one.name === name);
if (target === undefined) throw new Error(`no target ${name}`);

// Most inputs fail, and a stack costs more than most decoders. Findings are run again to get theirs.
Error.stackTraceLimit = 0;
const outcome = await fuzz(target, {
  seed,
  executions,
  corpus: readCorpus(name),
  announce: openWindow(windowFile),
});
const findings: Finding[] = [];
for (const { input, what } of outcome.findings) {
  findings.push({ input, what: (await replay(target, input)).wrong ?? `${what}, but not every time` });
}
process.send?.({ ...outcome, findings } satisfies Outcome);
