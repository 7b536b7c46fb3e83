/**
 * The items of fields, by type.
 *
 * @module
 */
import { CborEncoded, type CborValue, decodeCbor } from '../../encoding/cbor/index.ts';
import { invalid, isFailure } from '../../errors.ts';
import { optionsGiven } from '../cose/options.ts';
import { biometricFormat, finger, isCode, isSubFormat } from './codes.ts';
import { type Biometric, biometricLabel, type FieldType } from './fields.ts';
import type { ProfileRules } from './profile.ts';
import { unknownValue, type Warning } from './warnings.ts';

/** How it is written, and what there is to say of it. */
export interface Writing {
  readonly rules: ProfileRules;
  readonly warnings: Warning[];
}

/** Writes a value, or throws `ARGUMENT_INVALID` with its path. */
type Writer = (value: unknown, path: string, writing: Writing) => CborValue;

/** A writer for each type. */
export const writers: Readonly<Record<FieldType, Writer>> = {
  text,
  date: text,
  language: text,
  country: text,
  email: text,
  phone: text,
  integer,
  bytes,
  fingers(value, path, { warnings }) {
    if (!Array.isArray(value)) throw invalid('the field is a list of fingers', path);
    return (value as readonly unknown[]).map((one, index) => {
      const number = integer(one, `${path}.${index}`);
      if (!isCode(finger, number)) warnings.push(unknownValue(`${path}.${index}`));
      return number;
    });
  },
  biometrics(value, path, writing) {
    if (!Array.isArray(value)) throw invalid('the field is a list of biometric samples', path);
    const samples = value.map((one: Biometric, index) => sample(one, `${path}.${index}`, writing));
    const [first] = samples;
    return writing.rules.bareSample && samples.length === 1 && first !== undefined ? first : samples;
  },
};

/** Writes again what was not understood: one item of CBOR for each label. */
export function keep(
  map: Map<CborValue, CborValue>,
  unknown: ReadonlyMap<number, Uint8Array> | undefined,
  path: string,
): void {
  if (unknown !== undefined && !(unknown instanceof Map)) throw invalid('a map is needed', path);
  for (const [label, encoding] of unknown ?? []) {
    if (!Number.isSafeInteger(label)) throw invalid('a label is an integer', path);
    if (map.has(label)) throw invalid('the label is there twice', path);
    if (!isItem(encoding)) throw invalid('what is not known is one CBOR item', `${path}.${label}`);
    map.set(label, new CborEncoded(encoding));
  }
}

function isItem(encoding: unknown): boolean {
  if (!(encoding instanceof Uint8Array)) return false;
  try {
    decodeCbor(encoding);
    return true;
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) return false;
    throw error;
  }
}

const SAMPLE: readonly string[] = [...Object.keys(biometricLabel), 'unknown'];

function sample(given: Biometric, path: string, { warnings }: Writing): CborValue {
  for (const name of Object.keys(optionsGiven(given, path))) {
    if (!SAMPLE.includes(name)) throw invalid('no such field', `${path}.${name}`);
  }
  const { data, format, subFormat, issuer, unknown } = given;
  const map = new Map<CborValue, CborValue>([[biometricLabel.data, bytes(data, `${path}.data`)]]);
  if (format !== undefined) {
    map.set(biometricLabel.format, integer(format, `${path}.format`));
    if (!isCode(biometricFormat, format)) warnings.push(unknownValue(`${path}.format`));
  }
  if (subFormat !== undefined) {
    map.set(biometricLabel.subFormat, integer(subFormat, `${path}.subFormat`));
    if (!isSubFormat(format, subFormat)) warnings.push(unknownValue(`${path}.subFormat`));
  }
  if (issuer !== undefined) map.set(biometricLabel.issuer, text(issuer, `${path}.issuer`));
  keep(map, unknown, `${path}.unknown`);
  return map;
}

function text(value: unknown, path: string): string {
  if (typeof value === 'string' && value.isWellFormed()) return value;
  throw invalid('the field is text', path);
}

function integer(value: unknown, path: string): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw invalid('the field is an integer', path);
}

function bytes(value: unknown, path: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw invalid('the field is bytes', path);
}
