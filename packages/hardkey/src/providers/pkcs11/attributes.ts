/**
 * Attributes of objects: their numbers, and their values as they are read back.
 *
 * @module
 */
import { endianness } from 'node:os';
import { utf8 } from '../../encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../encoding/hex.ts';
import type { FoundObject, Template } from './wire.ts';

/** CKA_…, PKCS #11 3.0 Base Specification §4. */
export const CKA = {
  CLASS: 0x0,
  TOKEN: 0x1,
  PRIVATE: 0x2,
  LABEL: 0x3,
  VALUE: 0x11,
  KEY_TYPE: 0x100,
  ID: 0x102,
  SENSITIVE: 0x103,
  ENCRYPT: 0x104,
  DECRYPT: 0x105,
  WRAP: 0x106,
  UNWRAP: 0x107,
  SIGN: 0x108,
  VERIFY: 0x10a,
  DERIVE: 0x10c,
  MODULUS: 0x120,
  MODULUS_BITS: 0x121,
  PUBLIC_EXPONENT: 0x122,
  PRIVATE_EXPONENT: 0x123,
  PRIME_1: 0x124,
  PRIME_2: 0x125,
  EXPONENT_1: 0x126,
  EXPONENT_2: 0x127,
  COEFFICIENT: 0x128,
  PUBLIC_KEY_INFO: 0x129,
  VALUE_LEN: 0x161,
  EXTRACTABLE: 0x162,
  LOCAL: 0x163,
  NEVER_EXTRACTABLE: 0x164,
  ALWAYS_SENSITIVE: 0x165,
  EC_PARAMS: 0x180,
  EC_POINT: 0x181,
  ALLOWED_MECHANISMS: 0x40000600,
} as const;

/** CKO_…. */
export const CKO = { CERTIFICATE: 1, PUBLIC_KEY: 2, PRIVATE_KEY: 3, SECRET_KEY: 4 } as const;

/** CKK_…. */
export const CKK = {
  RSA: 0x0,
  EC: 0x3,
  GENERIC_SECRET: 0x10,
  AES: 0x1f,
  SHA256_HMAC: 0x2b,
  SHA384_HMAC: 0x2c,
  SHA512_HMAC: 0x2d,
  EC_EDWARDS: 0x40,
  EC_MONTGOMERY: 0x41,
} as const;

/** Bytes of an attribute; undefined where the token does not say, or has none. */
export function bytesOf({ attributes }: FoundObject, type: number): Uint8Array | undefined {
  const hex = attributes[type];
  return hex === undefined || hex === '' ? undefined : decodeHex(hex, 'pkcs11.attribute');
}

/** A CK_BBOOL. */
export function flagOf(object: FoundObject, type: number): boolean | undefined {
  const bytes = bytesOf(object, type);
  return bytes === undefined ? undefined : bytes[0] !== 0;
}

/** A CK_ULONG of this machine: the worker runs on it. */
export function numberOf(object: FoundObject, type: number): number | undefined {
  const bytes = bytesOf(object, type);
  return bytes === undefined ? undefined : numbersIn(bytes)[0];
}

/** An array of CK_ULONG. */
export function numbersOf(object: FoundObject, type: number): readonly number[] {
  return numbersIn(bytesOf(object, type) ?? new Uint8Array());
}

/** UTF-8 text; undefined where it is none, or not there. */
export function textOf(object: FoundObject, type: number): string | undefined {
  const bytes = bytesOf(object, type);
  const text = bytes && new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return text !== undefined && encodeHex(utf8(text)) === object.attributes[type] ? text : undefined;
}

/** A template with an array of CK_ULONG. */
export function numbersHex(values: readonly number[]): string {
  const bytes = new Uint8Array(values.length * WIDTH);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries()) view.setUint32(at * WIDTH + LOW, value, LITTLE);
  return encodeHex(bytes);
}

/** CK_ULONG is a C long of this machine: 8 bytes, but 4 on Windows. */
const WIDTH = process.platform === 'win32' ? 4 : 8;
const LITTLE = endianness() === 'LE';
/** Where its low 32 bits are. What is beyond them is CK_UNAVAILABLE_INFORMATION. */
const LOW = LITTLE ? 0 : WIDTH - 4;

function numbersIn(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = Math.floor(bytes.length / WIDTH);
  return Array.from({ length }, (_, at) => view.getUint32(at * WIDTH + LOW, LITTLE));
}

/** Of the attributes of a template, those with a value. */
export function template(
  attributes: readonly (readonly [type: number, value: Template[number][1] | undefined])[],
): Template {
  return attributes.flatMap(([type, value]) => (value === undefined ? [] : [[type, value] as const]));
}
