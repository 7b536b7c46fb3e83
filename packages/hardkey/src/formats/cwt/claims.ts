/**
 * The registered claims of a CWT (RFC 8392 §3.1) as a CBOR map.
 *
 * @module
 */

import {
  type CborEntry,
  CborFloat,
  type CborLimits,
  CborReader,
  type CborValue,
  encodeCbor,
} from '../../encoding/cbor/index.ts';
import { Failure, invalid } from '../../errors.ts';
import { bytesGiven, optionsGiven } from '../cose/options.ts';

/** Labels of the registered claims (RFC 8392 §3.1). */
export const cwtLabel = {
  issuer: 1,
  subject: 2,
  audience: 3,
  expiresAt: 4,
  notBefore: 5,
  issuedAt: 6,
  cwtId: 7,
} as const;

/** Registered claims. Times are Unix seconds; a fraction is kept (RFC 8392 §2 NumericDate). */
export interface CwtClaims {
  readonly issuer?: string;
  readonly subject?: string;
  readonly audience?: string;
  readonly expiresAt?: number;
  readonly notBefore?: number;
  readonly issuedAt?: number;
  readonly cwtId?: Uint8Array;
}

/** The claims of a token, and the entries of its map that are not among them. */
export interface DecodedCwt {
  readonly claims: CwtClaims;
  readonly others: readonly CborEntry[];
}

/**
 * Writes claims, with further entries. Throws `ARGUMENT_INVALID`, field `meta.<claim>`, for a value of
 * another type than the claim's, for a time that is no number of seconds, and for a name that is none;
 * field `others` for an entry that a claim stands for.
 */
export function encodeCwt(
  claims: CwtClaims,
  others: ReadonlyMap<CborValue, CborValue> = new Map(),
): Uint8Array<ArrayBuffer> {
  optionsGiven(claims, 'claims');
  if (!(others instanceof Map)) throw invalid('a map is needed', 'others');
  for (const name in claims) {
    if (!Object.hasOwn(cwtLabel, name)) throw invalid('no such claim', `meta.${name}`);
  }
  return encodeRegistered(claims, others);
}

/** {@link encodeCwt} of the registered claims among fields that the caller knows: the others are left alone. */
export function encodeRegistered(
  claims: CwtClaims,
  others: ReadonlyMap<CborValue, CborValue>,
): Uint8Array<ArrayBuffer> {
  const map = new Map<CborValue, CborValue>();
  for (const [name, label] of LABELS) {
    const value = claims[name];
    if (value === undefined) continue;
    if (!CLAIMS[name].isWritable(value)) throw invalid(CLAIMS[name].asked, `meta.${name}`);
    map.set(label, value);
  }
  // After the registered claims, whose labels are nearly always the lowest: what is in order is not sorted.
  for (const [label, value] of others) {
    if (map.has(label)) throw invalid('the claim is there twice', 'others');
    map.set(label, value);
  }
  return encodeCbor(map);
}

/** `cwt`, if it is what {@link decodeCwt} returns. */
export function cwtGiven(cwt: DecodedCwt): DecodedCwt {
  const { claims, others } = optionsGiven(cwt, 'cwt');
  optionsGiven(claims, 'cwt.claims');
  if (!Array.isArray(others)) throw invalid('a list is needed', 'cwt.others');
  for (const entry of others) optionsGiven(entry as object, 'cwt.others');
  return cwt;
}

/** Reads claims. Throws `MALFORMED`, field `cwt` or `cwt.<claim>`. Nothing in them is verified. */
export function decodeCwt(bytes: Uint8Array, limits: CborLimits = {}, nested?: NestedClaim): DecodedCwt {
  bytesGiven(bytes, 'bytes');
  const others: CborEntry[] = [];
  const claims: Partial<Record<keyof CwtClaims, string | number | Uint8Array>> = {};
  const reader = new CborReader(bytes, { ...limits, field: 'cwt' });
  reader.each((key) => {
    const start = reader.offset;
    const value = nested !== undefined && key === nested.label ? nested.read(reader) : reader.value();
    const name = NAMES.get(key);
    if (name === undefined) others.push({ key, value, start, end: reader.offset });
    else claims[name] = CLAIMS[name].read(value, name);
  });
  reader.end();
  return { claims: claims as CwtClaims, others };
}

/** A claim whose value is read as it comes. */
export interface NestedClaim {
  readonly label: number;
  /** Takes one item from the reader. What it returns stands for the value. */
  readonly read: (reader: CborReader) => CborValue;
}

/** How a type of claim is read and written. */
interface ClaimType {
  readonly read: (value: CborValue, name: string) => string | number | Uint8Array;
  readonly isWritable: (value: unknown) => boolean;
  /** What to say of a value that cannot be written. */
  readonly asked: string;
}

const TEXT: ClaimType = {
  read: text,
  isWritable: (value) => typeof value === 'string',
  asked: 'the claim is text',
};
const SECONDS: ClaimType = {
  read: seconds,
  isWritable: Number.isFinite,
  asked: 'a time is a number of seconds',
};
const BYTES: ClaimType = {
  read: bytes,
  isWritable: (value) => value instanceof Uint8Array,
  asked: 'the claim is a byte string',
};

const CLAIMS: Readonly<Record<keyof CwtClaims, ClaimType>> = {
  issuer: TEXT,
  subject: TEXT,
  audience: TEXT,
  expiresAt: SECONDS,
  notBefore: SECONDS,
  issuedAt: SECONDS,
  cwtId: BYTES,
};
const LABELS = Object.entries(cwtLabel) as readonly (readonly [keyof CwtClaims, number])[];
const NAMES: ReadonlyMap<CborValue, keyof CwtClaims> = new Map(LABELS.map(([name, label]) => [label, name]));

function text(value: CborValue, name: string): string {
  if (typeof value === 'string') return value;
  throw malformed('the claim is not text', name);
}

function bytes(value: CborValue, name: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw malformed('the claim is not a byte string', name);
}

function seconds(value: CborValue, name: string): number {
  const number = value instanceof CborFloat ? value.value : typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw malformed('the claim is not a number of seconds', name);
}

function malformed(message: string, name: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: `cwt.${name}` });
}
