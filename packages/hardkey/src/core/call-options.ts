/**
 * The call options among the options of a function that has more.
 *
 * @module
 */
import type { CallOptions } from './operations.ts';

/** Names of {@link CallOptions}. */
export const callOptions: readonly string[] = ['signal', 'deadline', 'caller'];

/** What is passed on to a key: keys refuse options they do not know. */
export function callOptionsOf({ signal, deadline, caller }: CallOptions): CallOptions {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(caller === undefined ? {} : { caller }),
  };
}
