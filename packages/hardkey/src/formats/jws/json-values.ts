/**
 * What may stand in a header or in claims: JSON and nothing else, of bounded depth.
 *
 * @module
 */
import { isJsonObject, type JsonObject, parseJsonObject } from '../../core/trust/strict-json.ts';
import { fromUtf8 } from '../../encoding/bytes.ts';
import { Failure, invalid } from '../../errors.ts';

/** How deeply objects and arrays of headers and claims may be nested. */
const maxDepth = 32;

/** Reads a JSON object. Throws `MALFORMED` with `field`; also for a member that is there twice, and for depth. */
export function decodeJsonObject(bytes: Uint8Array, field: string): JsonObject {
  return checkDepth(parseJsonObject(fromUtf8(bytes, field), field), field);
}

/** The object, if it is no deeper than is read. */
export function checkDepth(object: JsonObject, field: string): JsonObject {
  let level: readonly unknown[] = [object];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw new Failure('MALFORMED', 'nested too deeply', { field });
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [],
    );
  }
  return object;
}

/**
 * Throws `ARGUMENT_INVALID` naming the first value that JSON would lose or change: undefined, a date, a
 * number that is not finite, a big integer, an object of a class.
 */
export function checkJson(value: unknown, field: string, depth = 0): void {
  if (depth > maxDepth) throw invalid('nested too deeply', field);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    // `entries` also gives the holes, which JSON would fill.
    for (const [index, one] of value.entries()) checkJson(one, `${field}.${index}`, depth + 1);
    return;
  }
  if (!isPlainObject(value)) throw invalid('JSON has no such value', field);
  for (const [name, one] of Object.entries(value)) checkJson(one, `${field}.${name}`, depth + 1);
}

/** Whether a value is an object of no class. */
export function isPlainObject(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // `Object.prototype` has none itself, also that of another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
