/**
 * The registered claims of a CWT (RFC 8392 §3.1) as a CBOR map.
 *
 * @module
 */
import {
  type CborEntry,
  CborFloat,
  type CborLimits,
  type CborValue,
  decodeCborEntries,
  encodeCbor,
} from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';

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

/** Writes claims, with further entries. Throws `ARGUMENT_INVALID` for a time that is no number of seconds. */
export function encodeCwt(
  claims: CwtClaims,
  others: ReadonlyMap<CborValue, CborValue> = new Map(),
): Uint8Array<ArrayBuffer> {
  const map = new Map<CborValue, CborValue>(others);
  for (const [name, label] of LABELS) {
    const value = claims[name];
    if (value === undefined) continue;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new Failure('ARGUMENT_INVALID', 'a time is a number of seconds', { field: `meta.${name}` });
    }
    map.set(label, value);
  }
  return encodeCbor(map);
}

/** Reads claims. Throws `MALFORMED`, field `cwt` or `cwt.<claim>`. Nothing in them is verified. */
export function decodeCwt(bytes: Uint8Array, limits: CborLimits = {}): DecodedCwt {
  const others: CborEntry[] = [];
  const claims: Partial<Record<keyof CwtClaims, string | number | Uint8Array>> = {};
  for (const entry of decodeCborEntries(bytes, { ...limits, field: 'cwt' })) {
    const name = NAMES.get(entry.key);
    if (name === undefined) others.push(entry);
    else claims[name] = READERS[name](entry.value, name);
  }
  return { claims: claims as CwtClaims, others };
}

const LABELS = Object.entries(cwtLabel) as readonly (readonly [keyof CwtClaims, number])[];
const NAMES: ReadonlyMap<CborValue, keyof CwtClaims> = new Map(LABELS.map(([name, label]) => [label, name]));
const READERS: Readonly<
  Record<keyof CwtClaims, (value: CborValue, name: string) => string | number | Uint8Array>
> = {
  issuer: text,
  subject: text,
  audience: text,
  expiresAt: seconds,
  notBefore: seconds,
  issuedAt: seconds,
  cwtId: bytes,
};

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
