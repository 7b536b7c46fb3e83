/**
 * An identity as the CBOR map of claim 169.
 *
 * @module
 */
import { CborEncoded, type CborValue } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';
import { type Biometric, biometricLabel, type Field, fields, type Identity, isDate } from './fields.ts';

/** The map. Throws `ARGUMENT_INVALID`, field `identity.<name>`, for a value the field cannot hold. */
export function identityMap(identity: Identity): Map<CborValue, CborValue> {
  const map = new Map<CborValue, CborValue>();
  for (const name of Object.keys(identity)) {
    if (name !== 'unknown' && !fields.some((field) => field.name === name))
      throw invalid('no such field', name);
  }
  for (const field of fields) {
    const value = identity[field.name];
    if (value !== undefined) map.set(field.label, WRITERS[field.type](value, field));
  }
  for (const [label, encoding] of identity.unknown ?? []) {
    if (map.has(label)) throw invalid('the label is there twice', 'unknown');
    map.set(label, new CborEncoded(encoding));
  }
  return map;
}

type Writer = (value: unknown, field: Field) => CborValue;

const WRITERS: Readonly<Record<Field['type'], Writer>> = {
  text: (value, { name }) => {
    if (typeof value === 'string' && value.isWellFormed()) return value;
    throw invalid('the field is text', name);
  },
  date: (value, { name }) => {
    if (typeof value === 'string' && isDate(value)) return value;
    throw invalid('the field is a day, as YYYYMMDD', name);
  },
  integer: (value, { name }) => integer(value, name),
  bytes: (value, { name }) => bytes(value, name),
  fingers: (value, { name }) => {
    if (!Array.isArray(value)) throw invalid('the field is a list of fingers', name);
    return value.map((finger: unknown) => {
      if (Number.isInteger(finger) && Number(finger) >= 0 && Number(finger) <= 10) return Number(finger);
      throw invalid('fingers are numbered 0 to 10', name);
    });
  },
  biometrics: (value, { name }) => {
    if (!Array.isArray(value)) throw invalid('the field is a list of biometric samples', name);
    return value.map((sample: Biometric, index) => biometric(sample, `${name}.${index}`));
  },
};

function biometric(sample: Biometric, path: string): CborValue {
  const map = new Map<CborValue, CborValue>([[biometricLabel.data, bytes(sample.data, `${path}.data`)]]);
  for (const name of Object.keys(sample)) {
    if (!Object.hasOwn(biometricLabel, name)) throw invalid('no such field', `${path}.${name}`);
  }
  if (sample.format !== undefined) map.set(biometricLabel.format, integer(sample.format, `${path}.format`));
  if (sample.subFormat !== undefined) {
    map.set(biometricLabel.subFormat, integer(sample.subFormat, `${path}.subFormat`));
  }
  if (sample.issuer !== undefined) {
    if (typeof sample.issuer !== 'string') throw invalid('the field is text', `${path}.issuer`);
    map.set(biometricLabel.issuer, sample.issuer);
  }
  return map;
}

function integer(value: unknown, name: string): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw invalid('the field is an integer', name);
}

function bytes(value: unknown, name: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw invalid('the field is bytes', name);
}

function invalid(message: string, name: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field: `identity.${name}` });
}
