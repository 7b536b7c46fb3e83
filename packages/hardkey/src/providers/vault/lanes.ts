/**
 * Calls of one kind, of which a few requests are under way at a time: what is asked for at the same time goes
 * together, spread over the lanes that are free, and what comes while none is goes when one is again.
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
  /** Told when its caller waits no more. */
  left?: () => void;
}

/** Gives each input what came of it. `details` are those of a call that ends before it was sent. */
export function lanes(
  send: SendAll,
  details: FailureDetails,
  { lanes: count, most, mostCharacters }: LaneLimits,
): (input: string, options: CallOptions) => Promise<string> {
  const waiting = new Set<Waiting>();
  let underWay = 0;
  let isLeaving = false;

  /** At the end of this turn of the loop, when all that is asked for in it is here. Nobody waits for more. */
  function leave(): void {
    if (isLeaving) return;
    isLeaving = true;
    setImmediate(() => {
      isLeaving = false;
      while (waiting.size > 0 && underWay < count) void together(take(count - underWay));
    });
  }

  /** The share of one of the lanes that are free. */
  function take(free: number): readonly Waiting[] {
    const share = Math.min(most, Math.ceil(waiting.size / free));
    const taken: Waiting[] = [];
    let characters = 0;
    for (const one of waiting) {
      characters += one.input.length;
      if (taken.length > 0 && (taken.length === share || characters > mostCharacters)) break;
      taken.push(one);
      waiting.delete(one);
    }
    return taken;
  }

  async function together(taken: readonly Waiting[]): Promise<void> {
    underWay += 1;
    try {
      const inputs = taken.map(({ input }) => input);
      const results = await send(inputs, limitsOf(taken));
      for (const [at, { settle }] of taken.entries()) settle(results[at] ?? new Error('no result'));
    } catch (error) {
      for (const { settle } of taken) settle(error as Error);
    } finally {
      underWay -= 1;
      leave();
    }
  }

  return (input, options) =>
    new Promise((resolve, reject) => {
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
        one.left?.();
        reject(reason);
      });
      leave();
    });
}

/** A request goes on as long as somebody waits for it, who has a deadline and a signal of his own. */
function limitsOf(taken: readonly Waiting[]): CallOptions {
  const [first, ...others] = taken;
  if (first !== undefined && others.length === 0) return first.options;
  const ending = new AbortController();
  let left = taken.length;
  for (const one of taken) {
    one.left = () => {
      left -= 1;
      if (left === 0) ending.abort();
    };
  }
  return { signal: ending.signal };
}
