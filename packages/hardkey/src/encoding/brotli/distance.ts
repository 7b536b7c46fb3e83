/**
 * Distances (RFC 7932 §4).
 *
 * @module
 */
import type { Bits } from './bits.ts';

/** Which of the last four distances the first sixteen codes start from, and what they add (RFC 7932 §4). */
const LAST_DISTANCES = [
  [1, 0],
  [2, 0],
  [3, 0],
  [4, 0],
  [1, -1],
  [1, 1],
  [1, -2],
  [1, 2],
  [1, -3],
  [1, 3],
  [2, -1],
  [2, 1],
  [2, -2],
  [2, 2],
  [2, -3],
  [2, 3],
] as const;

/** How a meta-block writes its distances. */
export interface DistanceForm {
  /** Low bits of a distance that its code has, and not the bits after it. */
  readonly postfix: number;
  /** Distances that have a code each. */
  readonly direct: number;
}

/** How far back a code says, given the last four distances, the newest at the end (RFC 7932 §4). */
export function readDistance(
  bits: Bits,
  code: number,
  last: readonly number[],
  { postfix, direct }: DistanceForm,
): number {
  const known = LAST_DISTANCES[code];
  if (known !== undefined) {
    const distance = (last.at(-known[0]) ?? 0) + known[1];
    if (distance < 1) throw bits.broken('a distance below 1');
    return distance;
  }
  const beyond = code - 16 - direct;
  if (beyond < 0) return code - 15;
  const extra = 1 + (beyond >> (postfix + 1));
  const high = beyond >> postfix;
  const low = beyond & ((1 << postfix) - 1);
  const offset = (2 + (high & 1)) * 2 ** extra - 4;
  return (offset + bits.number(extra)) * 2 ** postfix + low + direct + 1;
}
