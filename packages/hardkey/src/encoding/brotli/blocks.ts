/**
 * Block types and their lengths (RFC 7932 §6): which of several codes is in use, and for how long.
 *
 * @module
 */
import type { Bits } from './bits.ts';
import { type PrefixCode, readPrefixCode, readSymbol } from './prefix-code.ts';

/** First length and extra bits of each symbol for a block's length. */
const LENGTHS = [
  [1, 2],
  [5, 2],
  [9, 2],
  [13, 2],
  [17, 3],
  [25, 3],
  [33, 3],
  [41, 3],
  [49, 4],
  [65, 4],
  [81, 4],
  [97, 4],
  [113, 5],
  [145, 5],
  [177, 5],
  [209, 5],
  [241, 6],
  [305, 6],
  [369, 7],
  [497, 8],
  [753, 9],
  [1265, 10],
  [2289, 11],
  [4337, 12],
  [8433, 13],
  [16625, 24],
] as const;

/** The blocks of one kind: literals, commands or distances. */
export class Blocks {
  /** How many types there are. */
  readonly types: number;
  /** The type in use. */
  type = 0;
  readonly #bits: Bits;
  readonly #typeCode: PrefixCode | undefined;
  readonly #lengthCode: PrefixCode | undefined;
  #previous = 1;
  #left = Number.POSITIVE_INFINITY;

  constructor(bits: Bits) {
    this.#bits = bits;
    this.types = readCount(bits);
    if (this.types < 2) return;
    this.#typeCode = readPrefixCode(bits, this.types + 2);
    this.#lengthCode = readPrefixCode(bits, LENGTHS.length);
    this.#left = this.#length(this.#lengthCode);
  }

  /** Counts one element, and goes over to the next block where the last one is used up. */
  next(): void {
    if (this.#left === 0 && this.#typeCode !== undefined && this.#lengthCode !== undefined) {
      const symbol = readSymbol(this.#bits, this.#typeCode);
      const before = this.type;
      if (symbol === 0) this.type = this.#previous;
      else this.type = symbol === 1 ? (before + 1) % this.types : symbol - 2;
      this.#previous = before;
      this.#left = this.#length(this.#lengthCode);
    }
    this.#left -= 1;
  }

  #length(code: PrefixCode): number {
    const [first, extra] = LENGTHS[readSymbol(this.#bits, code)] ?? [0, 0];
    return first + this.#bits.number(extra);
  }
}

/** A number of block types or of prefix codes, 1 to 256 (RFC 7932 §9.2). */
export function readCount(bits: Bits): number {
  if (bits.bit() === 0) return 1;
  const extra = bits.number(3);
  return (1 << extra) + 1 + bits.number(extra);
}
