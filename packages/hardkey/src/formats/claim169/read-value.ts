/**
 * Numbers and bytes, also as the issuers of a profile write them.
 *
 * @module
 */
import { decodeBase64 } from '../../encoding/base64.ts';
import { type CborValue, encodeCbor } from '../../encoding/cbor/index.ts';
import { decodeHex } from '../../encoding/hex.ts';
import { isFailure } from '../../errors.ts';
import type { ProfileRules } from './profile.ts';
import type { Warning } from './warnings.ts';

/** How values are read, and what there is to say of them. */
export interface Reading {
  readonly rules: ProfileRules;
  readonly warnings: Warning[];
  /** How the value that is being read is encoded, as a copy. Asked only for what is not understood. */
  readonly encoding: () => Uint8Array;
}

/** An integer that a number holds, also from digits where the profile's issuers write them. */
export function integer(value: CborValue, path: string, { rules, warnings }: Reading): number | undefined {
  if (typeof value === 'number') return value;
  if (!rules.textNumbers || typeof value !== 'string' || !/^\d{1,4}$/.test(value)) return undefined;
  warnings.push({ code: 'other-encoding', path, message: 'the number is written as text' });
  return Number(value);
}

/** Bytes of their own, also from text where the profile's issuers write them so. */
export function bytes(value: CborValue, path: string, reading: Reading): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value.slice();
  if (typeof value !== 'string') return undefined;
  for (const form of reading.rules.textBytes) {
    const read = decoded(value, form);
    if (read === undefined) continue;
    reading.warnings.push({ code: 'other-encoding', path, message: `the bytes are written as ${form}` });
    return read;
  }
  return undefined;
}

/** Whether integers are in their shortest form, so that writing them again gives the same bytes. */
export function isPlain(encoding: Uint8Array, value: number | readonly number[]): boolean {
  return encodeCbor(value).length === encoding.length;
}

function decoded(value: string, form: 'hex' | 'base64'): Uint8Array | undefined {
  try {
    return form === 'hex' ? decodeHex(value) : decodeBase64(value, 'claim169');
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) return undefined;
    throw error;
  }
}
