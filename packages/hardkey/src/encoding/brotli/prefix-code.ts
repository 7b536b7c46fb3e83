/**
 * The prefix codes of Brotli (RFC 7932 §3).
 *
 * @module
 */
import type { Bits } from './bits.ts';

/** A canonical code: how many symbols each length has, and the symbols in the order of their codes. */
export interface PrefixCode {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

const MAX_LENGTH = 15;
/** In which order the lengths of the code for lengths stand (RFC 7932 §3.5). */
const ORDER = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/** A whole code is this much, of which a symbol of length n takes the n-th half. */
const WHOLE = 1 << MAX_LENGTH;

/** Reads the next symbol of a code. */
export function readSymbol(bits: Bits, { counts, symbols }: PrefixCode): number {
  let [code, first, index] = [0, 0, 0];
  if (symbols.length === 1) return symbols[0] ?? 0;
  for (let length = 1; length <= MAX_LENGTH; length++) {
    code |= bits.bit();
    const count = counts[length] ?? 0;
    if (code - first < count) return symbols[index + code - first] ?? 0;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw bits.broken('a code that no symbol has');
}

/** Reads a code for the symbols below `size` (RFC 7932 §3.4 and §3.5). */
export function readPrefixCode(bits: Bits, size: number): PrefixCode {
  const skip = bits.number(2);
  return skip === 1 ? readSimple(bits, size) : codeOf(readLengths(bits, size, readLengthCode(bits, skip)));
}

function readSimple(bits: Bits, size: number): PrefixCode {
  const count = bits.number(2) + 1;
  const width = 32 - Math.clz32(size - 1);
  const symbols = Array.from({ length: count }, () => bits.number(width));
  if (new Set(symbols).size < count || symbols.some((one) => one >= size)) {
    throw bits.broken('symbols of a simple code');
  }
  const lengths = new Uint8Array(size);
  for (const [i, length] of simpleLengths(bits, count).entries()) lengths[symbols[i] ?? 0] = length;
  return codeOf(lengths);
}

function simpleLengths(bits: Bits, count: number): readonly number[] {
  if (count < 3) return count === 1 ? [1] : [1, 1];
  if (count === 3) return [1, 2, 2];
  return bits.bit() === 0 ? [2, 2, 2, 2] : [1, 2, 3, 3];
}

/** The code in which the lengths of another are written. */
function readLengthCode(bits: Bits, skip: number): PrefixCode {
  const lengths = new Uint8Array(ORDER.length);
  let left = WHOLE;
  for (let i = skip; i < ORDER.length && left > 0; i++) {
    const length = readSmallLength(bits);
    lengths[ORDER[i] ?? 0] = length;
    if (length > 0) left -= WHOLE >> length;
  }
  if (left !== 0 && lengths.filter((length) => length > 0).length !== 1) {
    throw bits.broken('lengths of the code for lengths');
  }
  return codeOf(lengths);
}

/** The variable-length code of RFC 7932 §3.5, from its first two bits on. */
function readSmallLength(bits: Bits): number {
  const start = [0, 4, 3][bits.number(2)];
  if (start !== undefined) return start;
  if (bits.bit() === 0) return 2;
  return bits.bit() === 0 ? 1 : 5;
}

function readLengths(bits: Bits, size: number, code: PrefixCode): Uint8Array {
  const lengths = new Uint8Array(size);
  let [at, left, previous, repeated, run] = [0, WHOLE, 8, 0, 0];
  while (at < size && left > 0) {
    const symbol = readSymbol(bits, code);
    if (symbol < 16) {
      run = 0;
      lengths[at++] = symbol;
      if (symbol > 0) {
        previous = symbol;
        left -= WHOLE >> symbol;
      }
      continue;
    }
    // 16 repeats the last length that is not 0, 17 repeats 0; one after another of a kind makes longer runs.
    const length = symbol === 16 ? previous : 0;
    if (repeated !== length) run = 0;
    repeated = length;
    const extra = symbol - 14;
    const next = (run > 0 ? (run - 2) << extra : 0) + bits.number(extra) + 3;
    if (at + next - run > size) throw bits.broken('more lengths than symbols');
    lengths.fill(length, at, at + next - run);
    at += next - run;
    if (length > 0) left -= (next - run) << (MAX_LENGTH - length);
    run = next;
  }
  if (left !== 0) throw bits.broken('lengths that make no code');
  return lengths;
}

function codeOf(lengths: Uint8Array): PrefixCode {
  const counts = new Uint16Array(MAX_LENGTH + 1);
  for (const length of lengths) if (length > 0) counts[length] = (counts[length] ?? 0) + 1;
  const starts = new Uint16Array(MAX_LENGTH + 2);
  for (let i = 1; i <= MAX_LENGTH; i++) starts[i + 1] = (starts[i] ?? 0) + (counts[i] ?? 0);
  const symbols = new Uint16Array(starts[MAX_LENGTH + 1] ?? 0);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    const at = starts[length] ?? 0;
    symbols[at] = symbol;
    starts[length] = at + 1;
  }
  return { counts, symbols };
}
