/**
 * How a reference is refused: by field and offset, never by quoting it.
 *
 * @module
 */
import { Failure } from '../../errors.ts';

/** `ARGUMENT_INVALID` for part of a reference. `offset` counts characters from the start of the body. */
export function refuse(field: string, message: string, offset?: number): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, offset === undefined ? { field } : { field, offset });
}

/** `UNSUPPORTED` for part of another tool's reference that says something hardkey has no place for. */
export function cannotMap(field: string, message: string): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', message, { field });
}

/** The fields that have a value, so that an absent attribute is an absent property. */
export function present<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
