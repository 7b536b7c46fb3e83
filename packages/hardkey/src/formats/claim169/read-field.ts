/**
 * The values of fields, by type.
 *
 * @module
 */
import type { CborValue } from '../../encoding/cbor/index.ts';
import { finger, isCode } from './codes.ts';
import type { Field, FieldType } from './fields.ts';
import { samples } from './read-samples.ts';
import { bytes, integer, isPlain, type Reading } from './read-value.ts';
import { unknownValue } from './warnings.ts';

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
  fingers,
  biometrics: samples,
};

/** A list of numbers, those without a meaning among them. */
function fingers(
  value: CborValue,
  path: string,
  { warnings, encoding }: Reading,
): readonly number[] | undefined {
  if (!isNumbers(value)) return undefined;
  const before = warnings.length;
  for (const [index, one] of value.entries()) {
    if (!isCode(finger, one)) warnings.push(unknownValue(`${path}.${index}`));
  }
  return warnings.length === before || isPlain(encoding(), value) ? value : undefined;
}

function isNumbers(value: CborValue): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}
