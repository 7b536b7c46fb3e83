/**
 * Repeats calls that failed on the way to the backend or were throttled there.
 *
 * @module
 */
import { isFailure } from '../../errors.ts';
import type { CallOptions } from '../operations.ts';
import type { Around, Operation } from './call.ts';
import { sleep } from './sleep.ts';

/** How often and how patiently a call is repeated. */
export interface RetryConfig {
  /** Attempts beside the first. 0 repeats nothing. */
  readonly attempts: number;
  /** The longest pause before the first repetition; each further one may be twice as long. */
  readonly baseMs: number;
  /** No pause is longer, unless the backend asks for it. */
  readonly maxMs: number;
}

/**
 * Which operations do no harm when they ran once already and the answer was lost. Signing belongs to
 * them: a second signature over the same message says nothing that the first did not.
 */
const REPEATABLE: Readonly<Record<Operation, boolean>> = {
  open: true,
  create: false,
  import: false,
  list: true,
  rotate: false,
  setState: false,
  destroy: false,
  check: true,
  sign: true,
  signDigest: true,
  encrypt: true,
  decrypt: true,
  wrap: true,
  unwrap: true,
  mac: true,
  verifyMac: true,
  agree: true,
  attest: true,
};

/** Fields of `UNAVAILABLE` failures that our own policies or a closed provider gave: no repetition helps. */
const OURS: readonly (string | undefined)[] = ['deadline', 'breaker', 'audit', 'closed'];

/**
 * Repeats after `UNAVAILABLE` and, waiting as long as it asks for, after the provider's `OVERLOADED`.
 * Pauses have full jitter: any length up to the longest. A pause that would end after the deadline is
 * not begun; the failure is thrown at once.
 */
export function withRetry(config: RetryConfig, random: () => number = Math.random): Around {
  return async (call, options, next) => {
    for (let done = 0; ; done++) {
      try {
        return await next(options);
      } catch (error) {
        if (done >= config.attempts || !REPEATABLE[call.operation] || !isPassing(error, options)) throw error;
        const pause = pauseBefore(error, done, config, random);
        if (performance.now() + pause >= (options.deadline ?? Number.POSITIVE_INFINITY)) throw error;
        await sleep(pause, options.signal);
      }
    }
  };
}

/** Whether the failure is of the transport or of the moment. An ended call is not repeated. */
function isPassing(error: unknown, { signal }: CallOptions): boolean {
  if (signal?.aborted) return false;
  if (isFailure(error, 'OVERLOADED')) return true;
  return isFailure(error, 'UNAVAILABLE') && !OURS.includes(error.details.field);
}

function pauseBefore(error: unknown, done: number, config: RetryConfig, random: () => number): number {
  const asked = isFailure(error) ? (error.details.retryAfterMs ?? 0) : 0;
  return asked + random() * Math.min(config.maxMs, config.baseMs * 2 ** done);
}
