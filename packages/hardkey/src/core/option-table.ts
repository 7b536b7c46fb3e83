/**
 * Arguments from callers whose compiler did not check them: each is looked at once, where it comes in.
 *
 * @module
 */
import { invalid } from '../errors.ts';
import type { CallOptions } from './operations.ts';
import { isJsonObject, isList, isText } from './trust/strict-json.ts';

/** Whether a value is what an option takes. */
export type Accepts = (value: unknown) => boolean;

/** Every option of a function, with what it takes. Any of them may be left out. */
export type OptionTable = Readonly<Record<string, Accepts>>;

/** A row for every option of `T`. */
export type TableOf<T> = Readonly<Record<keyof T, Accepts>>;

/** The options of a call that waits. */
export const callTable: TableOf<CallOptions> = {
  signal: (value) => typeof (value as AbortSignal | null)?.throwIfAborted === 'function',
  deadline: (value) => typeof value === 'number' && !Number.isNaN(value),
  caller: isText,
};

/** Throws `ARGUMENT_INVALID` naming the first option that is not in the table, or not of its type. */
export function checkOptions(options: object, table: OptionTable, path = ''): void {
  if (!isJsonObject(options)) throw invalid('options are an object', 'options');
  for (const name in options) {
    if (!Object.hasOwn(table, name)) throw invalid('no such option', `${path}${name}`);
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && table[name]?.(value) !== true) {
      throw invalid('the option is not of its type', `${path}${name}`);
    }
  }
}

/** What is looked at where it is used, or can be anything. */
export const anything: Accepts = () => true;

/** Whether a value may be called. */
export function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

/** Whether a value is what `createTrust` makes, as far as that shows. */
export function isTrust(value: unknown): boolean {
  return isJsonObject(value) && isList(value['keys']) && isList(value['roots']);
}

/** Whether a value is a public key, as far as that shows. */
export function isPublicKey(value: unknown): boolean {
  return isJsonObject(value) && isText(value['fingerprint']) && isFunction(value['toPem']);
}

/** Whether a value is the `kid` of something, or `null` for none. */
export function isKeyId(value: unknown): boolean {
  return value === null || isText(value) || isBytes(value);
}

/** Whether a value is text with something in it. */
export function isName(value: unknown): value is string {
  return isText(value) && value !== '';
}

/** Whether a value is a list of {@link isName}, and not empty. */
export function isNames(value: unknown): value is readonly string[] {
  return isList(value) && value.length > 0 && value.every(isName);
}

/** Whether a value is one name or several. */
export function isNameOrNames(value: unknown): value is string | readonly string[] {
  return isName(value) || isNames(value);
}

/** Whether a value is bytes. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

/** Whether a value is a moment: a `Date` that is one. */
export function isMoment(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

/** Whether a value is a whole number from 1 on. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
