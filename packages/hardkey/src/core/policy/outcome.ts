/**
 * How a call ended, in one word for records and measurements.
 *
 * @module
 */
import { isFailure } from '../../errors.ts';
import type { CallOptions } from '../operations.ts';

/** The failure's code; `ABORTED` by the caller; `ERROR` for anything a provider should not throw. */
export function outcomeOf(error: unknown, { signal }: CallOptions): string {
  if (signal?.aborted && error === signal.reason) return 'ABORTED';
  return isFailure(error) ? error.code : 'ERROR';
}
