/**
 * Says where in a larger source something was wrong.
 *
 * @module
 */
import { Failure, isFailure } from '../../errors.ts';

/** Reads a part; its failures name the part, and then what they named themselves. */
export async function within<T>(field: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isFailure(error)) throw error;
    const inner = error.details.field;
    const path = inner === undefined ? field : `${field}.${inner}`;
    throw new Failure(error.code, error.message, { ...error.details, field: path }, error);
  }
}
