/**
 * The CBOR map of claim 169 as an identity. Nothing is dropped: what is not understood is kept byte
 * for byte and reported.
 *
 * @module
 */
import { type CborEntry, type CborValue, decodeCborEntries } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';
import { type Biometric, biometricLabel, type Field, fieldByLabel, type Identity, isDate } from './fields.ts';

/** Something that was read and is not as it should be. */
export interface Warning {
  readonly code: 'unknown-field' | 'field-type' | 'issuer-not-uri' | 'deprecated-field' | 'date';
  /** Where: `identity.gender`, `identity.24`, `meta.issuer`. */
  readonly path: string;
  readonly message: string;
}

/** Reads the map that stands in `bytes`. Throws `MALFORMED`, field `claim169`. */
export function decodeIdentity(bytes: Uint8Array): {
  readonly identity: Identity;
  readonly warnings: readonly Warning[];
} {
  const known: Partial<Record<string, unknown>> = {};
  const unknown = new Map<number, Uint8Array>();
  const warnings: Warning[] = [];
  for (const entry of decodeCborEntries(bytes, { field: 'claim169', depth: 8, items: 2000 })) {
    const label = labelOf(entry);
    const field = fieldByLabel.get(label);
    const value = field === undefined ? undefined : READERS[field.type](entry.value);
    if (field === undefined || value === undefined) {
      unknown.set(label, bytes.slice(entry.start, entry.end));
      warnings.push(field === undefined ? unknownField(label) : fieldType(field));
      continue;
    }
    known[field.name] = value;
    warnings.push(...remarks(field, value));
  }
  return { identity: { ...known, ...(unknown.size > 0 ? { unknown } : {}) } as Identity, warnings };
}

function labelOf({ key, start }: CborEntry): number {
  if (typeof key === 'number') return key;
  throw new Failure('MALFORMED', 'a label is not an integer', { field: 'claim169', offset: start });
}

/** The value of a field, or undefined when it is of another type. */
const READERS: Readonly<Record<Field['type'], (value: CborValue) => unknown>> = {
  text: (value) => (typeof value === 'string' ? value : undefined),
  date: (value) => (typeof value === 'string' ? value : undefined),
  integer,
  bytes: (value) => (value instanceof Uint8Array ? value.slice() : undefined),
  fingers: (value) => list(value, (finger) => (isFinger(finger) ? finger : undefined)),
  // A single sample without its list is what older issuers write.
  biometrics: (value) => list(value instanceof Map ? [value] : value, biometric),
};

function integer(value: CborValue): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isFinger(value: CborValue): value is number {
  return typeof value === 'number' && value >= 0 && value <= 10;
}

function list<T>(value: CborValue, read: (item: CborValue) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = (value as readonly CborValue[]).map(read);
  return items.every((item) => item !== undefined) ? items : undefined;
}

/** One sample, or undefined when a part of it is of another type or not known. */
function biometric(value: CborValue): Biometric | undefined {
  if (!(value instanceof Map)) return undefined;
  const labels = Object.values(biometricLabel) as readonly number[];
  const data = value.get(biometricLabel.data) as CborValue;
  const format = value.get(biometricLabel.format) as CborValue;
  const subFormat = value.get(biometricLabel.subFormat) as CborValue;
  const issuer = value.get(biometricLabel.issuer) as CborValue;
  const typed =
    data instanceof Uint8Array &&
    (format === undefined || typeof format === 'number') &&
    (subFormat === undefined || typeof subFormat === 'number') &&
    (issuer === undefined || typeof issuer === 'string') &&
    [...value.keys()].every((label) => labels.includes(label as number));
  if (!typed) return undefined;
  return {
    data: data.slice(),
    ...(format === undefined ? {} : { format }),
    ...(subFormat === undefined ? {} : { subFormat }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

function unknownField(label: number): Warning {
  return {
    code: 'unknown-field',
    path: `identity.${label}`,
    message: 'the field is not known and was kept as it is',
  };
}

function fieldType({ name }: Field): Warning {
  return {
    code: 'field-type',
    path: `identity.${name}`,
    message: 'the field holds another type than it should and was kept as it is',
  };
}

function remarks({ name, type }: Field, value: unknown): Warning[] {
  const path = `identity.${name}`;
  if (type === 'date' && !isDate(String(value))) {
    return [{ code: 'date', path, message: 'the date is not a day as YYYYMMDD' }];
  }
  if (name === 'photo' || name === 'photoFormat') {
    return [{ code: 'deprecated-field', path, message: 'deprecated since 1.2.1: use face' }];
  }
  return [];
}
