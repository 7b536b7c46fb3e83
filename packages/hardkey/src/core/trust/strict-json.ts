/**
 * JSON in which no member hides another and none is of a type that was not expected.
 *
 * @module
 */
import { Failure } from '../../errors.ts';

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object with members: no array, no bytes, not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/**
 * Reads one JSON object. Throws `MALFORMED`, also for a member that is there twice: parsers keep the
 * last (RFC 8259 §4 leaves it open), so a second entry of a key would silently replace its revocation.
 */
export function parseJsonObject(text: string, field: string): JsonObject {
  const value = parse(text, field);
  if (!isJsonObject(value)) throw new Failure('MALFORMED', 'not a JSON object', { field });
  const offset = repeatedMember(text);
  if (offset !== undefined) throw new Failure('MALFORMED', 'a member is there twice', { field, offset });
  return value;
}

/** A member, when it is there. Throws `MALFORMED` with the field when it is of another type. */
export function member<T>(
  object: JsonObject,
  name: string,
  is: (value: unknown) => value is T,
  field: string,
): T | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined || is(value)) return value;
  throw new Failure('MALFORMED', 'a member is not of its type', { field: `${field}.${name}` });
}

/** Whether a value is text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Whether a value is true or false. */
export function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

/** Whether a value is a list of anything. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function parse(text: string, field: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the text.
    throw new Failure('MALFORMED', 'not JSON', { field });
  }
}

const TOKENS = /\\.|["{}[\]:,]/g;

/** Where a member is named again. The text is JSON, so its tokens say which strings are names. */
function repeatedMember(text: string): number | undefined {
  const open: (Set<string> | undefined)[] = [];
  let string = '';
  let at = 0;
  let inside = false;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === '"') {
      // Not by one expression for the whole string: long ones exhaust the stack of its engine.
      if (inside) string = text.slice(at, index + 1);
      else at = index;
      inside = !inside;
    } else if (inside || token === ',') continue;
    else if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const names = open.at(-1);
      const name = JSON.parse(string) as string;
      if (names?.has(name)) return at;
      names?.add(name);
    }
  }
  return undefined;
}
