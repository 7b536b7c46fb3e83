/**
 * Changes of CBOR that keep the rest of it CBOR: where a byte string holds CBOR in turn, its length
 * follows the change.
 *
 * @module
 */
import { replaceBytes } from './mutate.ts';
import type { Random } from './random.ts';

/** A head, as a careless reader finds it. */
interface Head {
  readonly start: number;
  /** Where the content begins. */
  readonly end: number;
  readonly major: number;
  readonly argument: number;
  /** The byte string that it stands in. */
  readonly inside?: Head;
}

const SIZES: readonly [number, ...number[]] = [0, 1, 2, 4, 8];
const OFFSETS: readonly [number, ...number[]] = [
  -1,
  1,
  2,
  -2,
  23,
  24,
  255,
  256,
  65_535,
  2 ** 31,
  2 ** 32,
  2 ** 53,
];

/** A changed copy of `input`; a plain copy where it holds no head. */
export function mutateCbor(input: Uint8Array, random: Random): Uint8Array {
  const heads = headsOf(input);
  const head = random.pick(heads);
  if (head === undefined) return input.slice();
  const next = heads.find(({ start }) => start > head.start)?.start ?? input.length;
  const { start, end, major, argument } = head;
  switch (random.below(6)) {
    case 0:
      // A length, count or number that is not what follows.
      return edit(
        input,
        head,
        start,
        end,
        headBytes(major, argument + random.pick(OFFSETS), random.pick(SIZES)),
      );
    case 1:
      // The same, written with more bytes than it needs.
      return edit(input, head, start, end, headBytes(major, argument, random.pick(SIZES)));
    case 2:
      return edit(input, head, start, end, headBytes(random.below(8), argument, random.pick(SIZES)));
    case 3:
      // Reserved, or until the break.
      return edit(input, head, start, end, Uint8Array.of((major << 5) | (28 + random.below(4))));
    case 4: {
      // The item again, somewhere: a key twice, an element too many.
      const place = random.pick(heads) ?? head;
      return edit(input, place, place.start, place.start, input.subarray(start, next));
    }
    default:
      return edit(input, head, start, next, new Uint8Array());
  }
}

/** Replaces bytes, and corrects the lengths of the byte strings around them. */
function edit(input: Uint8Array, { inside }: Head, start: number, end: number, by: Uint8Array): Uint8Array {
  let out = replaceBytes(input, start, end, by);
  let grown = by.length - (end - start);
  for (let around = inside; around !== undefined && grown !== 0; around = around.inside) {
    const head = headBytes(2, Math.max(0, around.argument + grown), 0);
    grown += head.length - (around.end - around.start);
    out = replaceBytes(out, around.start, around.end, head);
  }
  return out;
}

/** The heads from the start on, into byte strings that look as if they held CBOR. */
function headsOf(input: Uint8Array): readonly Head[] {
  const heads: Head[] = [];
  let inside: Head | undefined;
  for (let at = 0; at < input.length; ) {
    while (inside !== undefined && at >= inside.end + inside.argument) inside = inside.inside;
    const head = headAt(input, at, inside);
    heads.push(head);
    at = head.end;
    if (head.major === 2 && (input[at] ?? 0) >> 7 === 1 && head.argument > 1) inside = head;
    else if (head.major === 2 || head.major === 3) at += head.argument;
  }
  return heads;
}

function headAt(input: Uint8Array, start: number, inside: Head | undefined): Head {
  const first = input[start] ?? 0;
  const info = first & 31;
  const size = info >= 24 && info <= 27 ? 1 << (info - 24) : 0;
  const end = Math.min(input.length, start + 1 + size);
  let argument = size === 0 ? info % 24 : 0;
  for (let i = start + 1; i < end; i++) argument = argument * 256 + (input[i] ?? 0);
  return { start, end, major: first >> 5, argument, ...(inside === undefined ? {} : { inside }) };
}

/** A head of at least `size` bytes of argument. */
function headBytes(major: number, argument: number, size: number): Uint8Array {
  const value = BigInt(Math.max(0, Math.min(argument, 2 ** 63)));
  const least = value < 24n ? 0 : value < 0x100n ? 1 : value < 0x1_0000n ? 2 : value < 0x1_0000_0000n ? 4 : 8;
  const length = Math.max(size, least);
  if (length === 0) return Uint8Array.of((major << 5) | Number(value));
  const out = new Uint8Array(1 + length);
  out[0] = (major << 5) | (24 + Math.log2(length));
  let left = value;
  for (let i = length; i > 0; i--, left >>= 8n) out[i] = Number(left & 0xffn);
  return out;
}
