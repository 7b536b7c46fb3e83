/**
 * The CBOR map of claim 169 as an identity. Nothing is dropped: what is not understood is kept byte
 * for byte and reported.
 *
 * @module
 */
import { CborReader, type CborValue } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';
import { isCode } from './codes.ts';
import { type Field, fieldByLabel, type Identity } from './fields.ts';
import type { PrivateField, PrivateFields } from './private-fields.ts';
import { type ProfileRules, rulesOf } from './profile.ts';
import { readers } from './read-field.ts';
import { isPlain, type Reading } from './read-value.ts';
import { textForms } from './text-forms.ts';
import { mistyped, unknownField, unknownValue, type Warning } from './warnings.ts';

/** Bounds on a map that nobody may have verified. */
const LIMITS = { field: 'claim169', depth: 8, items: 2000 } as const;

/** An identity with everything that is to be said of it. */
export interface DecodedIdentity {
  readonly identity: Identity;
  readonly warnings: readonly Warning[];
}

/** How a map is read. */
export interface IdentityOptions {
  /** Default: those of 1.2.1. */
  readonly rules?: ProfileRules;
  readonly deterministic?: boolean;
  readonly privateFields?: PrivateFields<unknown> | undefined;
}

/** Reads the map that is `bytes`. Throws `MALFORMED`, field `claim169`. */
export function decodeIdentity(bytes: Uint8Array, options: IdentityOptions = {}): DecodedIdentity {
  const { deterministic = false } = options;
  const reader = new CborReader(bytes, { ...LIMITS, deterministic });
  if (!reader.isMap) {
    reader.value();
    throw malformed('the identity is not a map', 0);
  }
  const found = readIdentity(reader, options);
  reader.end();
  return found;
}

/** Reads the map that comes next. Throws `MALFORMED` with the field of the reader, or `claim169`. */
export function readIdentity(reader: CborReader, options: IdentityOptions): DecodedIdentity {
  const { rules = rulesOf(), privateFields } = options;
  const beginning = reader.offset;
  const known: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  const unknown = new Map<number, Uint8Array>();
  const warnings: Warning[] = [];
  let start = beginning;
  const reading: Reading = { rules, warnings, encoding: () => reader.since(start) };
  reader.each((label) => {
    start = reader.offset;
    const item = reader.value();
    if (typeof label !== 'number') throw malformed('a label is not an integer', start - beginning);
    const field = fieldByLabel.get(label);
    const mine = field === undefined ? privateFields?.byKey.get(label) : undefined;
    const value =
      field !== undefined
        ? fieldValue(field, item, reading)
        : mine !== undefined
          ? privateValue(mine, item, warnings)
          : void warnings.push(unknownField(`identity.${label}`));
    if (value === undefined) unknown.set(label, reading.encoding());
    else if (field !== undefined) known[field.name] = value;
    else if (mine !== undefined) define(own, mine.name, value);
  });
  if (Object.keys(own).length > 0) known['private'] = own;
  if (unknown.size > 0) known['unknown'] = unknown;
  return { identity: known as Identity, warnings };
}

function malformed(message: string, offset: number): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: 'claim169', offset });
}

/** A registry may name a field `__proto__`. */
function define(values: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(values, name, { value, enumerable: true, writable: true, configurable: true });
}

/** The value of a known field, or undefined when it is to be kept as it is. */
function fieldValue(field: Field, item: CborValue, reading: Reading): unknown {
  const { type, path, codes } = field;
  const { warnings } = reading;
  const before = warnings.length;
  const value = readers[type](item, path, reading, field);
  if (value === undefined) {
    if (warnings.length === before) warnings.push(mistyped(path));
    return undefined;
  }
  if (codes !== undefined && !isCode(codes, value as number)) {
    warnings.push(unknownValue(path));
    return isPlain(reading.encoding(), value as number) ? value : undefined;
  }
  remark(field, value, reading);
  return value;
}

/** What is to be said of a value that was read. */
function remark({ name, type, path }: Field, value: unknown, { rules, warnings }: Reading): void {
  if (typeof value === 'string' && type !== 'text') {
    const holds = rules.forms[type as keyof typeof textForms];
    if (holds !== undefined && !holds(value)) {
      const { description } = textForms[type as keyof typeof textForms];
      const code = type === 'date' ? 'date' : 'value-form';
      warnings.push({ code, path, message: `the text is not ${description}` });
    }
  } else if (rules.photoIsDeprecated && (name === 'photo' || name === 'photoFormat')) {
    warnings.push({ code: 'deprecated-field', path, message: 'deprecated since 1.2.1: use face' });
  }
}

function privateValue({ name, type }: PrivateField, item: CborValue, warnings: Warning[]): unknown {
  const value = type.read(item);
  if (value === undefined) warnings.push(mistyped(`identity.private.${name}`));
  return value;
}
