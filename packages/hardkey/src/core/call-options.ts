/**
 * The call options among the options of a function that has more.
 *
 * @module
 */
import { invalid } from '../errors.ts';
import type { CallOptions } from './operations.ts';
import { callTable } from './option-table.ts';

/** Names of {@link CallOptions}. */
export const callOptions: readonly string[] = ['signal', 'deadline', 'caller'];

/**
 * What is passed on to a key: keys refuse options they do not know. Throws `ARGUMENT_INVALID` naming the
 * option that is not of its type.
 */
export function callOptionsOf({ signal, deadline, caller }: CallOptions): CallOptions {
  return {
    ...(signal === undefined ? {} : { signal: given('signal', signal) }),
    ...(deadline === undefined ? {} : { deadline: given('deadline', deadline) }),
    ...(caller === undefined ? {} : { caller: given('caller', caller) }),
  };
}

function given<T>(name: keyof CallOptions, value: T): T {
  if (callTable[name](value)) return value;
  throw invalid('the option is not of its type', name);
}
