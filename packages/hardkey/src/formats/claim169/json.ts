/**
 * Identities as JSON: field names in camelCase, bytes in base64.
 *
 * @module
 */
import { decodeBase64, encodeBase64 } from '../../encoding/base64.ts';
import { Failure } from '../../errors.ts';
import { type Biometric, fields, type Identity } from './fields.ts';

/** The JSON form. What is not understood stands under `unknown`: label to base64 of its CBOR. */
export function identityToJson(identity: Identity): Readonly<Record<string, unknown>> {
  const out: Record<string, unknown> = {};
  for (const { name, type } of fields) {
    const value = identity[name];
    if (value === undefined) continue;
    if (type === 'bytes') out[name] = encodeBase64(value as Uint8Array);
    else if (type === 'biometrics') out[name] = (value as readonly Biometric[]).map(sampleToJson);
    else out[name] = value;
  }
  if (identity.unknown !== undefined) {
    out['unknown'] = Object.fromEntries(
      [...identity.unknown].map(([label, bytes]) => [label, encodeBase64(bytes)]),
    );
  }
  return out;
}

/** Reads the JSON form. Throws `ARGUMENT_INVALID`, field `identity.<path>`; values are checked on encoding. */
export function identityFromJson(json: unknown): Identity {
  const given = record(json, 'identity');
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const path = `identity.${name}`;
    if (name === 'unknown') {
      out[name] = unknownFromJson(value, path);
      continue;
    }
    const field = fields.find((one) => one.name === name);
    if (field === undefined) throw invalid('no such field', path);
    if (field.type === 'bytes') out[name] = bytes(value, path);
    else if (field.type === 'biometrics') out[name] = samplesFromJson(value, path);
    else out[name] = value;
  }
  return out as Identity;
}

function sampleToJson({ data, ...rest }: Biometric): Readonly<Record<string, unknown>> {
  return { data: encodeBase64(data), ...rest };
}

function samplesFromJson(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid('the field is a list of biometric samples', path);
  return value.map((sample: unknown, index) => {
    const { data, ...rest } = record(sample, `${path}.${index}`);
    return { data: bytes(data, `${path}.${index}.data`), ...rest };
  });
}

function unknownFromJson(value: unknown, path: string): ReadonlyMap<number, Uint8Array> {
  return new Map(
    Object.entries(record(value, path)).map(([label, text]) => {
      if (!/^-?\d+$/.test(label)) throw invalid('a label is an integer', path);
      return [Number(label), bytes(text, `${path}.${label}`)];
    }),
  );
}

function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw invalid('an object was expected', path);
}

function bytes(value: unknown, path: string): Uint8Array {
  if (typeof value !== 'string') throw invalid('bytes are written in base64', path);
  try {
    return decodeBase64(value, path);
  } catch {
    throw invalid('bytes are written in base64', path);
  }
}

function invalid(message: string, field: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field });
}
