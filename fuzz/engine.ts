/**
 * The fuzzer itself: mutates inputs, runs a target on them, and judges how it ends.
 *
 * @module
 */
import { type FailureCode, isFailure } from '../packages/hardkey/src/errors.ts';
import { mutate } from './mutate.ts';
import { createRandom, type Random } from './random.ts';
import type { Target } from './target.ts';

/** How much is done. */
export interface Effort {
  readonly seed: number;
  readonly executions: number;
  /** Inputs of earlier runs, added to the target's own seeds. */
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
  /** For each way of ending, good or failed, the first input that ended so. */
  readonly endings: ReadonlyMap<string, Uint8Array>;
}

/** Longer for one input is a finding. */
const SLOW_MS = 250;
/** One finding is enough to fail; more than these are mostly one bug again. */
const FINDINGS = 5;
const POPULATION = 300;
const GOOD = 'accepted';

/** Runs a target. Never throws what the target throws: that is a finding. */
export async function fuzz(target: Target, effort: Effort): Promise<Outcome> {
  const random = createRandom(effort.seed);
  const population = [...(await target.seeds()), ...(effort.corpus ?? [])];
  const endings = new Map<string, Uint8Array>();
  const findings = new Map<string, Finding>();
  for (let done = 0; ; done++) {
    if (done === effort.executions || findings.size === FINDINGS) {
      return { executions: done, findings: [...findings.values()], endings };
    }
    // The inputs as they are first, then changes of them.
    const input = population[done] && !isChanged(done, population, endings) ? population[done] : next(population, target, random);
    effort.announce?.(input);
    const { ending, finding } = await execute(target, input);
    if (finding !== undefined) findings.set(ending, findings.get(ending) ?? { input, what: finding });
  }
}
