/**
 * Identities as JSON: field names in camelCase, bytes in base64.
 *
 * @module
 */
import { decodeBase64, encodeBase64 } from '../../encoding/base64.ts';
import { invalid, isFailure } from '../../errors.ts';
import { fieldByName, fields, type Identity } from './fields.ts';
import type { Meta } from './meta.ts';
import { isPrivateFields, type PrivateFields } from './private-fields.ts';

/**
 * The JSON form. What is not understood stands under `unknown`: label to base64 of its CBOR. Private
 * fields stand under `private`, as the types in `privateFields` write them.
 */
export function identityToJson(
  identity: Identity,
  privateFields?: PrivateFields<unknown>,
): Readonly<Record<string, unknown>> {
  record(identity, 'identity');
  checkRegistry(privateFields);
  const out: Record<string, unknown> = {};
  for (const { name, type } of fields) {
    const value = identity[name];
    if (value === undefined) continue;
    if (type === 'bytes') out[name] = base64Of(value, `identity.${name}`);
    else if (type === 'biometrics') out[name] = samplesToJson(value, `identity.${name}`);
    else out[name] = value;
  }
  if (identity.private !== undefined)
    out['private'] = privateToJson(record(identity.private, 'identity.private'), privateFields);
  if (identity.unknown !== undefined) out['unknown'] = unknownToJson(identity.unknown, 'identity.unknown');
  return out;
}

/** Claims as JSON: bytes in base64; those that are not known under `unknown`, key to base64 of the CBOR. */
export function metaToJson(meta: Meta): Readonly<Record<string, unknown>> {
  return jsonOf(record(meta, 'meta')) as Readonly<Record<string, unknown>>;
}

function jsonOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([name, one]) => [String(name), jsonOf(one)]));
}

/** Reads the JSON form. Throws `ARGUMENT_INVALID`, field `identity.<path>`; values are checked on encoding. */
export function identityFromJson(json: unknown, privateFields?: PrivateFields<unknown>): Identity {
  const given = record(json, 'identity');
  checkRegistry(privateFields);
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const path = `identity.${name}`;
    const field = fieldByName.get(name);
    if (name === 'unknown') out[name] = unknownFromJson(value, path);
    else if (name === 'private') out[name] = privateFromJson(value, path, privateFields);
    else if (field === undefined) throw invalid('no such field', path);
    else if (field.type === 'bytes') out[name] = bytes(value, path);
    else if (field.type === 'biometrics') out[name] = samplesFromJson(value, path);
    else out[name] = value;
  }
  return out as Identity;
}

function checkRegistry(fields: PrivateFields<unknown> | undefined): void {
  if (fields === undefined || isPrivateFields(fields)) return;
  throw invalid('a registry is needed: createPrivateFields makes one', 'privateFields');
}

function samplesToJson(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid('the field is a list of biometric samples', path);
  return value.map((sample: unknown, index) => {
    const { data, unknown, ...rest } = record(sample, `${path}.${index}`);
    return {
      data: base64Of(data, `${path}.${index}.data`),
      ...rest,
      ...(unknown !== undefined && { unknown: unknownToJson(unknown, `${path}.${index}.unknown`) }),
    };
  });
}

function base64Of(value: unknown, path: string): string {
  if (value instanceof Uint8Array) return encodeBase64(value);
  throw invalid('the field is bytes', path);
}

function samplesFromJson(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid('the field is a list of biometric samples', path);
  return value.map((sample: unknown, index) => {
    const { data, unknown, ...rest } = record(sample, `${path}.${index}`);
    return {
      data: bytes(data, `${path}.${index}.data`),
      ...rest,
      ...(unknown !== undefined && { unknown: unknownFromJson(unknown, `${path}.${index}.unknown`) }),
    };
  });
}

function unknownToJson(unknown: unknown, path: string): Readonly<Record<string, string>> {
  if (!(unknown instanceof Map)) throw invalid('a map is needed', path);
  const items = [...(unknown as ReadonlyMap<unknown, unknown>)];
  return Object.fromEntries(
    items.map(([label, item]) => [label, base64Of(item, `${path}.${String(label)}`)]),
  );
}

function unknownFromJson(value: unknown, path: string): ReadonlyMap<number, Uint8Array> {
  return new Map(
    Object.entries(record(value, path)).map(([label, text]) => {
      if (!/^-?\d+$/.test(label)) throw invalid('a label is an integer', path);
      return [Number(label), bytes(text, `${path}.${label}`)];
    }),
  );
}

function privateToJson(
  values: Readonly<Record<string, unknown>>,
  fields: PrivateFields<unknown> | undefined,
): unknown {
  const written = Object.entries(values).map(([name, value]) => {
    const type = fields?.byName.get(name)?.type;
    return [name, type?.toJson === undefined ? value : type.toJson(value)] as const;
  });
  return Object.fromEntries(written);
}

function privateFromJson(
  json: unknown,
  path: string,
  fields: PrivateFields<unknown> | undefined,
): Readonly<Record<string, unknown>> {
  const read = Object.entries(record(json, path)).map(([name, value]) => {
    const type = fields?.byName.get(name)?.type;
    if (type === undefined) throw invalid('no private field of this name was registered', `${path}.${name}`);
    const made = type.fromJson === undefined ? value : readPrivate(() => type.fromJson?.(value));
    if (made === undefined) throw invalid('the field cannot hold this', `${path}.${name}`);
    return [name, made] as const;
  });
  return Object.fromEntries(read);
}

function readPrivate(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) return undefined;
    throw error;
  }
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
  } catch (error) {
    if (!isFailure(error, 'MALFORMED')) throw error;
    throw invalid('bytes are written in base64', path);
  }
}
