/**
 * The fuzzer itself: changes inputs, runs a target on them, and judges how it ends.
 *
 * @module
 */
import { isFailure } from '../packages/hardkey/src/errors.ts';
import { mutate } from './mutate.ts';
import { createRandom, type Random } from './random.ts';
import type { Output, Target } from './target.ts';

/** How much is done. */
export interface Effort {
  readonly seed: number;
  readonly executions: number;
  /** Inputs of earlier runs, added to the target's own. */
  readonly corpus?: readonly Uint8Array[];
  /** Told every input before it runs, so that one that never comes back is known. */
  readonly announce?: (input: Uint8Array) => void;
}

/** An input on which the target did what no decoder may do. */
export interface Finding {
  readonly input: Uint8Array;
  readonly what: string;
}

/** What came of it. */
export interface Outcome {
  readonly executions: number;
  readonly findings: readonly Finding[];
  /** The first input for each way of ending, good or failed. */
  readonly endings: ReadonlyMap<string, Uint8Array>;
}

/** More time for one input is a finding. */
const SLOW_MS = 250;
/** One finding is enough to fail; more than these are mostly one bug again. */
const MOST_FINDINGS = 5;
const POPULATION = 400;
const SLOW = 'slow';

/** How one execution ended: a short name, and what is wrong with it, if anything. */
interface Ending {
  readonly name: string;
  readonly wrong?: string;
}

/** The inputs that are changed: valid ones, and all that ended in a way of their own. */
interface Population {
  readonly given: readonly Uint8Array[];
  readonly all: Uint8Array[];
}

/** Runs a target. Never throws what the target throws: that is a finding. */
export async function fuzz(target: Target, effort: Effort): Promise<Outcome> {
  const random = createRandom(effort.seed);
  const seeds = await target.seeds();
  const corpus = [...seeds, ...(effort.corpus ?? [])];
  const population: Population = { given: seeds, all: [...corpus] };
  const endings = new Map<string, Uint8Array>();
  const findings = new Map<string, Finding>();
  let executions = 0;
  // A target that is slow once would be slow again and again.
  while (executions < effort.executions && findings.size < MOST_FINDINGS && !findings.has(SLOW)) {
    // The inputs as they are first, then changes of them and of what ended in a new way.
    const input = corpus[executions] ?? change(population, target, random);
    executions++;
    effort.announce?.(input);
    const { name, wrong } = await execute(target, input);
    if (wrong !== undefined && !findings.has(name)) findings.set(name, { input, what: wrong });
    if (endings.has(name)) continue;
    endings.set(name, input);
    if (population.all.length < POPULATION) population.all.push(input);
  }
  return { executions, findings: [...findings.values()], endings };
}

/** Runs one input again, with a stack in what is wrong. */
export async function replay(target: Target, input: Uint8Array): Promise<Ending> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const ending = await execute(target, input);
  Error.stackTraceLimit = limit;
  return ending;
}

function change(population: Population, { words = [] }: Target, random: Random): Uint8Array {
  // Half of the time from an input that is valid: what failed once leads mostly to failures.
  const from = random.below(2) === 0 ? population.given : population.all;
  const input = random.pick(from) ?? new Uint8Array();
  const other = random.pick(population.all) ?? input;
  return mutate(input, { random, other, words });
}

async function execute(target: Target, input: Uint8Array): Promise<Ending> {
  const started = performance.now();
  const ending = await judge(target, input);
  if (performance.now() - started <= SLOW_MS) return ending;
  const fastest = await fastestOf(3, target, input);
  if (fastest <= SLOW_MS) return ending;
  return { name: SLOW, wrong: `takes ${Math.round(fastest)} ms for ${input.length} bytes` };
}

/** The machine may have been busy with something else: only what is slow every time is slow. */
async function fastestOf(runs: number, target: Target, input: Uint8Array): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await judge(target, input);
    fastest = Math.min(fastest, performance.now() - started);
  }
  return fastest;
}

async function judge(target: Target, input: Uint8Array): Promise<Ending> {
  try {
    const running = target.run(input);
    // Waiting for what is there already would cost as much as most decoders.
    return judgeOutput(target, input, running instanceof Promise ? await running : running);
  } catch (error) {
    return judgeError(target, error);
  }
}

function judgeOutput({ outputLimit = roomy }: Target, input: Uint8Array, output: Output): Ending {
  if (output === undefined || output <= outputLimit(input.length)) return { name: 'accepted' };
  return { name: 'grows', wrong: `makes ${output} bytes of ${input.length}` };
}

function roomy(inputLength: number): number {
  return 4096 + 16 * inputLength;
}

function judgeError({ allowed }: Target, error: unknown): Ending {
  if (isFailure(error)) {
    const name = `${error.code} ${error.details.field}: ${error.message}`;
    return allowed.includes(error.code) ? { name } : { name, wrong: `fails as ${name}` };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : `throws a ${typeof error}`;
  // One bug with different numbers in its message is one bug.
  const name = `crash: ${error instanceof Error ? error.message.replace(/\d+/g, '#') : ''}`;
  return { name, wrong: text };
}
