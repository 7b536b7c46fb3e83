/**
 * What both runtimes say alike of what they lack.
 *
 * @module
 */
import { Failure } from '../../errors.ts';

/** A runtime that lacks an algorithm. */
export function unsupported(runtime: string, algorithm: string, cause?: unknown): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', `${runtime} has no ${algorithm}`, { algorithm }, cause);
}
