/**
 * Contexts (RFC 7932 §7): which prefix code a literal or a distance is written in.
 *
 * @module
 */
import type { Bits } from './bits.ts';
import { readCount } from './blocks.ts';
import { readPrefixCode, readSymbol } from './prefix-code.ts';

/** Which code each context of each block type uses, and how many codes there are. */
export interface ContextMap {
  readonly codes: number;
  readonly map: Uint8Array;
}

/** Reads a context map (RFC 7932 §7.3). */
export function readContextMap(bits: Bits, size: number): ContextMap {
  const codes = readCount(bits);
  const map = new Uint8Array(size);
  if (codes < 2) return { codes, map };
  const maxRun = bits.bit() === 0 ? 0 : bits.number(4) + 1;
  const code = readPrefixCode(bits, codes + maxRun);
  for (let at = 0; at < size; ) {
    const symbol = readSymbol(bits, code);
    if (symbol > 0 && symbol <= maxRun) at += (1 << symbol) + bits.number(symbol);
    else map[at++] = symbol === 0 ? 0 : symbol - maxRun;
    if (at > size) throw bits.broken('a run beyond the context map');
  }
  if (bits.bit() === 1) moveFromFront(map);
  return { codes, map };
}

function moveFromFront(map: Uint8Array): void {
  const front = Array.from({ length: 256 }, (_, i) => i);
  for (const [at, index] of map.entries()) {
    const [value = 0] = front.splice(index, 1);
    front.unshift(value);
    map[at] = value;
  }
}

/** Lut0 of RFC 7932 §7.1 for the bytes below 128, divided by 4, in base 16. */
const ASCII =
  '000000000110010000000000000000002343353467338393bbbbbbbbbb886a73' +
  '3cdddcdddcdddddcdddddcddddd637333efffefffefffffefffffefffff63730';
const CLASSES: readonly number[] = Array.from(ASCII, (digit) => Number.parseInt(digit, 16) * 4);

/** The context of a literal after the bytes `before` and, just before it, `last`, in one of four modes. */
export function literalContext(mode: number, last: number, before: number): number {
  if (mode === 0) return last & 0x3f;
  if (mode === 1) return last >> 2;
  if (mode === 2) return (CLASSES[last] ?? (last < 192 ? 0 : 2) + (last & 1)) | utf8Kind(before);
  return (magnitude(last) << 3) | magnitude(before);
}

/** Lut1 of RFC 7932 §7.1. */
function utf8Kind(byte: number): number {
  if (byte < 33 || (byte > 126 && byte < 224)) return 0;
  if (byte >= 97 && byte <= 122) return 3;
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || byte >= 224 ? 2 : 1;
}

/** Lut2 of RFC 7932 §7.1. */
function magnitude(byte: number): number {
  const bounds = [1, 16, 64, 128, 192, 240, 255];
  const found = bounds.findIndex((bound) => byte < bound);
  return found === -1 ? bounds.length : found;
}
