/**
 * Changes of bytes that know nothing of what the bytes mean.
 *
 * @module
 */
import { mutateCbor } from './mutate-cbor.ts';
import type { Random } from './random.ts';

/** What a mutation works with. */
export interface Material {
  readonly random: Random;
  /** Another input, to be spliced in. */
  readonly other: Uint8Array;
  /** Pieces of a grammar. */
  readonly words: readonly Uint8Array[];
}

/** One change. */
type Mutation = (input: Uint8Array, material: Material) => Uint8Array;

/** Changes at most. One leaves the most intact, several reach what one alone does not. */
const STEPS = 6;
/** Longer inputs are cut: they find nothing shorter ones do not, more slowly. */
const LONGEST = 4096;
const INTERESTING: readonly [number, ...number[]] = [
  0, 1, 0x17, 0x18, 0x1f, 0x20, 0x7f, 0x80, 0x81, 0xa0, 0xfe, 0xff,
];
// Where lengths and counts overflow something: 8, 16, 31, 32, 53 and 64 bits, and their neighbours.
const INTEGERS: readonly [bigint, ...bigint[]] = [
  0xffn,
  0x100n,
  0x7fffn,
  0xffffn,
  0x1_0000n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1f_ffff_ffff_ffffn,
  0x20_0000_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_ffffn,
];

/** A changed copy of `input`. */
export function mutate(input: Uint8Array, material: Material): Uint8Array {
  const { random } = material;
  let changed = input;
  // Small numbers of steps are the most frequent.
  for (let left = 1 + random.below(1 + random.below(STEPS)); left > 0; left--) {
    changed = random.pick(MUTATIONS)(changed, material);
  }
  return changed.length > LONGEST ? changed.subarray(0, LONGEST) : changed;
}

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  flipBit,
  setByte,
  setInteger,
  insertBytes,
  removeBytes,
  duplicateBytes,
  overwriteBytes,
  splice,
  insertWord,
  (input, { random }) => mutateCbor(input, random),
  (input, { random }) => mutateCbor(input, random),
  (input, { random }) => mutateCbor(input, random),
];

/** `input` with the bytes from `start` to `end` replaced. */
export function replaceBytes(input: Uint8Array, start: number, end: number, by: Uint8Array): Uint8Array {
  const out = new Uint8Array(input.length - (end - start) + by.length);
  out.set(input.subarray(0, start));
  out.set(by, start);
  out.set(input.subarray(end), start + by.length);
  return out;
}

function flipBit(input: Uint8Array, { random }: Material): Uint8Array {
  const out = input.slice();
  const at = random.below(input.length + 1);
  if (at < out.length) out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
  return out;
}

function setByte(input: Uint8Array, { random }: Material): Uint8Array {
  const out = input.slice();
  const at = random.below(input.length + 1);
  if (at < out.length) out[at] = random.below(2) === 0 ? random.below(256) : random.pick(INTERESTING);
  return out;
}

function setInteger(input: Uint8Array, { random }: Material): Uint8Array {
  const size = random.pick([1, 2, 4, 8]);
  const at = random.below(input.length + 1);
  const end = random.below(2) === 0 ? at : Math.min(input.length, at + size);
  let left = random.pick(INTEGERS);
  const bytes = new Uint8Array(size);
  for (let i = size - 1; i >= 0; i--, left >>= 8n) bytes[i] = Number(left & 0xffn);
  return replaceBytes(input, at, end, bytes);
}

function insertBytes(input: Uint8Array, { random }: Material): Uint8Array {
  const at = random.below(input.length + 1);
  const byte = random.below(2) === 0 ? random.below(256) : random.pick(INTERESTING);
  // Now and then many of one byte: that is what deep nesting looks like.
  const count = random.below(16) === 0 ? 1 + random.below(300) : 1 + random.below(4);
  return replaceBytes(input, at, at, new Uint8Array(count).fill(byte));
}

function removeBytes(input: Uint8Array, { random }: Material): Uint8Array {
  const [start, end] = range(input, random);
  return replaceBytes(input, start, end, new Uint8Array());
}

function duplicateBytes(input: Uint8Array, { random }: Material): Uint8Array {
  const [start, end] = range(input, random);
  const at = random.below(2) === 0 ? end : random.below(input.length + 1);
  return replaceBytes(input, at, at, input.subarray(start, end));
}

function overwriteBytes(input: Uint8Array, { random }: Material): Uint8Array {
  const [start, end] = range(input, random);
  const out = input.slice();
  out.copyWithin(random.below(input.length + 1), start, end);
  return out;
}

/** The beginning of one input and the end of another. */
function splice(input: Uint8Array, { random, other }: Material): Uint8Array {
  const start = random.below(input.length + 1);
  return replaceBytes(input, start, input.length, other.subarray(random.below(other.length + 1)));
}

function insertWord(input: Uint8Array, { random, words, other }: Material): Uint8Array {
  const at = random.below(input.length + 1);
  const word = random.pick(words);
  if (word !== undefined) return replaceBytes(input, at, at, word);
  const [start, end] = range(other, random);
  return replaceBytes(input, at, at, other.subarray(start, end));
}

/** A piece of the input: mostly short, at times any. */
function range(input: Uint8Array, random: Random): [number, number] {
  const start = random.below(input.length + 1);
  const longest = random.below(4) === 0 ? input.length - start : Math.min(8, input.length - start);
  return [start, start + random.below(longest + 1)];
}
