/**
 * Writes CBOR in the core deterministic form (RFC 8949 §4.2.1): shortest heads, definite lengths,
 * map keys in bytewise order of their encodings.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import { compareRanges } from './order.ts';
import { CborEncoded, CborFloat, CborSimple, CborTag, type CborValue } from './value.ts';
import { CborWriter } from './writer.ts';

/** Arrays, maps and tags inside one another: more can only be a value that contains itself. */
const DEPTH = 512;
const MAXIMUM = 2n ** 64n - 1n;

/**
 * The bytes of one item. Throws `ARGUMENT_INVALID` for a value CBOR has no form for, a map with the
 * same key twice, and a value that contains itself.
 */
export function encodeCbor(value: CborValue): Uint8Array<ArrayBuffer> {
  const out = new CborWriter();
  write(out, value, DEPTH);
  return out.bytes();
}

function write(out: CborWriter, value: CborValue, depth: number): void {
  if (typeof value === 'number') return writeNumber(out, value);
  if (typeof value === 'string') return out.text(value);
  if (value instanceof Uint8Array) {
    out.head(2, value.length);
    return out.raw(value);
  }
  if (depth === 0) throw invalid('the value is nested too deep, or contains itself');
  if (value instanceof Map) return writeMap(out, value, depth - 1);
  if (Array.isArray(value)) {
    out.head(4, value.length);
    for (const item of value) write(out, item, depth - 1);
    return;
  }
  writeRare(out, value, depth - 1);
}

function writeNumber(out: CborWriter, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return out.float(value);
  if (value >= 0) return out.head(0, value);
  out.head(1, -1 - value);
}

function writeRare(out: CborWriter, value: CborValue, depth: number): void {
  if (value === false) return out.head(7, 20);
  if (value === true) return out.head(7, 21);
  if (value === null) return out.head(7, 22);
  if (value === undefined) return out.head(7, 23);
  if (typeof value === 'bigint')
    return out.head(value < 0n ? 1 : 0, inRange(value < 0n ? -1n - value : value));
  if (value instanceof CborEncoded) return out.raw(value.bytes);
  if (value instanceof CborFloat) return out.float(value.value);
  if (value instanceof CborSimple) return out.head(7, simple(value.value));
  if (!(value instanceof CborTag)) throw invalid('CBOR has no form for this value');
  out.head(6, tag(value.tag));
  write(out, value.value, depth);
}

interface Place {
  readonly start: number;
  readonly keyEnd: number;
  readonly end: number;
}

/** Writes the entries as they come, and puts them in order only where they were not. */
function writeMap(out: CborWriter, map: ReadonlyMap<CborValue, CborValue>, depth: number): void {
  out.head(5, map.size);
  const first = out.length;
  // Where each key begins and ends; a value ends where the next key begins.
  const bounds: number[] = [];
  let ascending = true;
  let [previous, previousEnd] = [first, first];
  for (const [key, value] of map) {
    const start = out.length;
    write(out, key, depth);
    const keyEnd = out.length;
    // Nothing comes before the first key: an empty range does not.
    ascending &&= compareRanges(out.buffer, previous, previousEnd, start, keyEnd) < 0;
    write(out, value, depth);
    bounds.push(start, keyEnd);
    [previous, previousEnd] = [start, keyEnd];
  }
  if (!ascending) out.replace(first, sorted(out, bounds));
}

function sorted(out: CborWriter, bounds: readonly number[]): readonly Place[] {
  const places: Place[] = [];
  for (let i = 0; i < bounds.length; i += 2) {
    const [start = 0, keyEnd = 0, end = out.length] = bounds.slice(i, i + 3);
    places.push({ start, keyEnd, end });
  }
  return places.sort((a, b) => {
    const order = compareRanges(out.buffer, a.start, a.keyEnd, b.start, b.keyEnd);
    if (order === 0) throw invalid('a map key is there twice');
    return order;
  });
}

function inRange(magnitude: bigint): bigint {
  if (magnitude > MAXIMUM) throw invalid('the integer does not fit in 64 bits');
  return magnitude;
}

function tag(number: number | bigint): number | bigint {
  if (
    typeof number === 'bigint'
      ? number >= 0n && number <= MAXIMUM
      : Number.isSafeInteger(number) && number >= 0
  )
    return number;
  throw invalid('no such tag');
}

function simple(value: number): number {
  // RFC 8949 §3.3: 24 to 31 are not simple values; 20 to 23 have values of their own in JavaScript.
  if (Number.isInteger(value) && value >= 0 && value <= 255 && (value < 24 || value > 31)) return value;
  throw invalid('no such simple value');
}

function invalid(message: string): Failure {
  return new Failure('ARGUMENT_INVALID', message, { field: 'cbor' });
}
