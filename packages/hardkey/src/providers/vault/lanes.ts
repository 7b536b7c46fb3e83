/**
 * Calls of one kind, of which a few are under way at a time: what comes meanwhile goes together.
 *
 * A call that finds a lane free goes at once and alone, so that nobody waits for company.
 *
 * @module
 */
import { watchLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { FailureDetails } from '../../errors.ts';

/** Sends several together, and gives for each what came of it. */
export type SendAll = (
  inputs: readonly string[],
  options: CallOptions,
) => Promise<readonly (string | Error)[]>;

/** How much goes together. */
export interface LaneLimits {
  /** Requests under way. */
  readonly lanes: number;
  /** Inputs of a request. */
  readonly most: number;
  /** Characters of all inputs of a request, unless it is one alone. */
  readonly mostCharacters: number;
}

interface Waiting {
  readonly input: string;
  readonly options: CallOptions;
  readonly settle: (result: string | Error) => void;
}

/** Gives each input what came of it. `details` are those of a call that ends before it was sent. */
export function lanes(
  send: SendAll,
  details: FailureDetails,
  { lanes: count, most, mostCharacters }: LaneLimits,
): (input: string, options: CallOptions) => Promise<string> {
  const waiting = new Set<Waiting>();
  let underWay = 0;

  async function run<T>(act: () => Promise<T>): Promise<T> {
    underWay += 1;
    try {
      return await act();
    } finally {
      underWay -= 1;
      next();
    }
  }

  function next(): void {
    if (waiting.size === 0 || underWay >= count) return;
    const taken: Waiting[] = [];
    let characters = 0;
    for (const one of waiting) {
      characters += one.input.length;
      if (taken.length > 0 && (taken.length === most || characters > mostCharacters)) break;
      taken.push(one);
      waiting.delete(one);
    }
    void run(() => together(taken));
  }

  /** The request goes on as long as somebody waits for it, and no longer than the most patient would. */
  async function together(taken: readonly Waiting[]): Promise<void> {
    const deadlines = taken.map(({ options }) => options.deadline ?? Number.POSITIVE_INFINITY);
    try {
      const inputs = taken.map(({ input }) => input);
      const results = await send(inputs, { deadline: Math.max(...deadlines) });
      for (const [at, { settle }] of taken.entries()) settle(results[at] ?? new Error('no result'));
    } catch (error) {
      for (const { settle } of taken) settle(error as Error);
    }
  }

  return async (input, options) => {
    if (underWay < count && waiting.size === 0) {
      const [result = new Error('no result')] = await run(() => send([input], options));
      if (typeof result === 'string') return result;
      throw result;
    }
    return new Promise((resolve, reject) => {
      const one: Waiting = {
        input,
        options,
        settle: (result) => {
          stop();
          if (typeof result === 'string') resolve(result);
          else reject(result);
        },
      };
      waiting.add(one);
      const stop = watchLimits(options, Number.POSITIVE_INFINITY, details, (reason) => {
        waiting.delete(one);
        reject(reason);
      });
    });
  };
}
