/**
 * The values of fields, by type.
 *
 * @module
 */
import type { CborValue } from '../../encoding/cbor/index.ts';
import { finger, isCode } from './codes.ts';
import type { Field, FieldType } from './fields.ts';
import { samples } from './read-samples.ts';
import { bytes, integer, type Reading } from './read-value.ts';

/** Reads a value, or gives undefined when it is of another type. */
type Reader = (value: CborValue, path: string, reading: Reading, field: Field) => unknown;

const text: Reader = (value) => (typeof value === 'string' ? value : undefined);

/** A reader for each type. */
export const readers: Readonly<Record<FieldType, Reader>> = {
  text,
  date: text,
  language: text,
  country: text,
  email: text,
  phone: text,
  integer,
  bytes,
  fingers: (value) =>
    Array.isArray(value) && value.every((one) => typeof one === 'number' && isCode(finger, one))
      ? value
      : undefined,
  biometrics: (value, path, reading, { label }) => samples(value, path, reading, label),
};
