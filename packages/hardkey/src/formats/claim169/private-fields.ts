/**
 * Names and types for the fields the specification leaves open (keys 24–49 and 66–99), as the caller
 * registers them.
 *
 * @module
 */
import { isFunction, isName } from '../../core/option-table.ts';
import { isJsonObject } from '../../core/trust/strict-json.ts';
import { decodeBase64, encodeBase64 } from '../../encoding/base64.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';

/** What a private field holds, and how. */
export interface PrivateType<T> {
  /** The value an item stands for, or undefined when it is of another type. */
  read(item: CborValue): T | undefined;
  /** The item that stands for a value, or undefined when it cannot be one of the field. */
  write(value: T): CborValue | undefined;
  /** The value in JSON. Default: as it is. */
  toJson?(value: T): unknown;
  /** The value out of JSON, or undefined when it is of another type. Default: as it is. */
  fromJson?(json: unknown): T | undefined;
}

/** One private field. */
export interface PrivateField<N extends string = string, T = unknown> {
  /** 24 to 49, or 66 to 99. */
  readonly key: number;
  readonly name: N;
  readonly type: PrivateType<T>;
}

/** Values by the names of a registry. */
export type PrivateValues = Readonly<Record<string, unknown>>;

/** The values of some fields: each may be absent. */
export type ValuesOf<R extends readonly PrivateField[]> = {
  readonly [F in R[number] as F['name']]?: F extends PrivateField<string, infer T> ? T : never;
};

/** A registry. Made by {@link createPrivateFields}. `V` is the type of its values. */
export interface PrivateFields<V = PrivateValues> {
  readonly byKey: ReadonlyMap<number, PrivateField>;
  readonly byName: ReadonlyMap<string, PrivateField>;
  /** Never there: it holds on to the type. */
  readonly values?: V;
}

/**
 * Makes a registry. Throws `ARGUMENT_INVALID` for a key that is not free, a repeated key or name, and a
 * field without a name or a type.
 */
export function createPrivateFields<const R extends readonly PrivateField[]>(
  rows: R,
): PrivateFields<ValuesOf<R>> {
  if (!Array.isArray(rows) || !rows.every(isField)) throw invalid('a list of fields is needed');
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const byName = new Map(rows.map((row) => [row.name, row]));
  const taken = rows.find(({ key }) => !isFree(key));
  if (taken !== undefined) throw invalid('a private field has a key from 24 to 49 or from 66 to 99');
  if (byKey.size < rows.length || byName.size < rows.length) throw invalid('a key or a name is there twice');
  return Object.freeze({ byKey, byName });
}

function isField(row: unknown): boolean {
  if (!isJsonObject(row) || !isName(row['name']) || !isJsonObject(row['type'])) return false;
  return isFunction(row['type']['read']) && isFunction(row['type']['write']);
}

/** Whether a value is a registry, as far as that shows. */
export function isPrivateFields(value: unknown): boolean {
  const { byKey, byName } = (value ?? {}) as Partial<PrivateFields>;
  return byKey instanceof Map && byName instanceof Map;
}

const text: PrivateType<string> = ofType(
  (value): value is string => typeof value === 'string' && value.isWellFormed(),
);
const integer: PrivateType<number> = ofType((value): value is number => Number.isSafeInteger(value));
const flag: PrivateType<boolean> = ofType((value): value is boolean => typeof value === 'boolean');
const bytes: PrivateType<Uint8Array> = {
  read: (item) => (item instanceof Uint8Array ? item.slice() : undefined),
  write: (value) => (value instanceof Uint8Array ? value : undefined),
  toJson: encodeBase64,
  fromJson: (json) => (typeof json === 'string' ? decodeBase64(json, 'private') : undefined),
};

function list<T>(type: PrivateType<T>): PrivateType<readonly T[]> {
  return {
    read: (item) => each(item, (one: CborValue) => type.read(one)),
    write: (values) => each(values, (one: T) => type.write(one)),
    toJson: (values) => values.map((one) => (type.toJson ? type.toJson(one) : one)),
    fromJson: (json) => each(json, (one) => (type.fromJson ? type.fromJson(one) : (one as T))),
  };
}

/** Types that private fields usually have. `list` is a list of values of one type. */
export const privateType: {
  readonly text: PrivateType<string>;
  readonly integer: PrivateType<number>;
  readonly flag: PrivateType<boolean>;
  readonly bytes: PrivateType<Uint8Array>;
  list<T>(type: PrivateType<T>): PrivateType<readonly T[]>;
} = { text, integer, flag, bytes, list };

function ofType<T extends string | number | boolean>(is: (value: unknown) => value is T): PrivateType<T> {
  const same = (value: unknown): T | undefined => (is(value) ? value : undefined);
  return { read: same, write: same };
}

function each<T, U>(items: unknown, convert: (item: T) => U | undefined): readonly U[] | undefined {
  if (!Array.isArray(items)) return undefined;
  const converted = (items as readonly T[]).map(convert);
  return converted.every((one) => one !== undefined) ? converted : undefined;
}

function isFree(key: number): boolean {
  return Number.isInteger(key) && ((key >= 24 && key <= 49) || (key >= 66 && key <= 99));
}

function invalid(message: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field: 'privateFields' });
}
