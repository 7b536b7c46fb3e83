/**
 * Changes of several steps, which no backend makes as one.
 *
 * @module
 */
import { Failure, isFailure } from '../errors.ts';

/** Does what is left of a change that is not undone. Its failure also says how things stand, and what to do. */
export async function orSay<T>(howThingsStand: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { code, message, details, cause } = error;
    throw new Failure(code, `${message}; ${howThingsStand}`, details, cause);
  }
}
