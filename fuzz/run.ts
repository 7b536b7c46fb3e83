/**
 * Fuzzes the decoders, as many at once as there are processors:
 *
 *   fuzz/run.ts [target…] [--executions N] [--seed S] [--save]   fails with 1 when something was found
 *   fuzz/run.ts TARGET --replay FILE                             runs one input again
 *
 * @module
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { saveCorpus, saveFinding } from './corpus.ts';
import { type Outcome, replay } from './engine.ts';
import { type Job, runJobs } from './pool.ts';
import { targets } from './targets/index.ts';

/** A target's executions are split, so that no processor waits for the slowest target. */
const PARTS = 2;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    executions: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    save: { type: 'boolean', default: false },
    replay: { type: 'string' },
  },
});
const chosen = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const [executions, seed] = [Number(options.executions), Number(options.seed)];
const isNumeric = Number.isSafeInteger(executions) && executions > 0 && Number.isSafeInteger(seed);
if (!isNumeric || chosen.length < new Set(positionals).size) {
  console.error(`targets: ${targets.map(({ name }) => name).join(', ')}; N and S are whole numbers`);
  process.exit(64);
}
process.exitCode = options.replay === undefined ? await runAll() : await runOne(options.replay);

async function runAll(): Promise<number> {
  const started = performance.now();
  console.log(`${executions} executions of each target, --seed ${seed}`);
  const outcomes = new Map<string, Outcome[]>(chosen.map(({ name }) => [name, []]));
  let found = 0;
  await runJobs(jobs(), availableParallelism(), ({ target }, outcome) => {
    outcomes.get(target)?.push(outcome);
    found += report(target, outcome);
  });
  for (const [name, parts] of outcomes) summarise(name, parts);
  console.log(`${found} findings, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return found === 0 ? 0 : 1;
}

/** The parts of all targets in turn, so that the long ones do not come last. */
function jobs(): readonly Job[] {
  return Array.from({ length: PARTS }, (_, part) =>
    chosen.map(({ name }) => ({
      target: name,
      seed: seed + part,
      executions: Math.floor(executions / PARTS) + (part < executions % PARTS ? 1 : 0),
    })),
  ).flat();
}

function report(target: string, { findings }: Outcome): number {
  for (const finding of findings) {
    console.error(`\n${target}: ${finding.what}\n  input: ${saveFinding(target, finding)}`);
  }
  return findings.length;
}

function summarise(name: string, parts: readonly Outcome[]): void {
  const done = parts.reduce((total, part) => total + part.executions, 0);
  const endings = new Map(parts.flatMap((part) => [...part.endings]));
  const saved = options.save ? `, ${saveCorpus(name, [...endings.values()])} saved` : '';
  console.log(`${name.padEnd(10)} ${done} executions, ${endings.size} ways of ending${saved}`);
}

async function runOne(file: string): Promise<number> {
  const [target] = chosen;
  if (target === undefined || chosen.length > 1) return 64;
  const { name, wrong } = await replay(target, Uint8Array.from(readFileSync(file)));
  console.log(wrong ?? name);
  return wrong === undefined ? 0 : 1;
}
