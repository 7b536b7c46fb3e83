/**
 * Brotli (RFC 7932), read strictly: content of a bounded length, and nothing after the end.
 *
 * @module
 */
import { Bits } from './bits.ts';
import { Blocks } from './blocks.ts';
import { literalContext, readContextMap } from './context.ts';
import { wordOf } from './dictionary.ts';
import { type DistanceForm, readDistance } from './distance.ts';
import { type PrefixCode, readPrefixCode, readSymbol } from './prefix-code.ts';

/** First insert length and extra bits of each code (RFC 7932 §5). */
const INSERTS = [
  [0, 0],
  [1, 0],
  [2, 0],
  [3, 0],
  [4, 0],
  [5, 0],
  [6, 1],
  [8, 1],
  [10, 2],
  [14, 2],
  [18, 3],
  [26, 3],
  [34, 4],
  [50, 4],
  [66, 5],
  [98, 5],
  [130, 6],
  [194, 7],
  [322, 8],
  [578, 9],
  [1090, 10],
  [2114, 12],
  [6210, 14],
  [22594, 24],
] as const;
/** First copy length and extra bits of each code (RFC 7932 §5). */
const COPIES = [
  [2, 0],
  [3, 0],
  [4, 0],
  [5, 0],
  [6, 0],
  [7, 0],
  [8, 0],
  [9, 0],
  [10, 1],
  [12, 1],
  [14, 2],
  [18, 2],
  [22, 3],
  [30, 3],
  [38, 4],
  [54, 4],
  [70, 5],
  [102, 5],
  [134, 6],
  [198, 7],
  [326, 8],
  [582, 9],
  [1094, 10],
  [2118, 24],
] as const;
/** The first insert and copy codes of each cell of 64 symbols (RFC 7932 §5). */
const CELLS = [
  [0, 0],
  [0, 8],
  [0, 0],
  [0, 8],
  [8, 0],
  [8, 8],
  [0, 16],
  [16, 0],
  [8, 16],
  [16, 8],
  [16, 16],
] as const;
/** What stays from one meta-block to the next. */
interface State {
  readonly bits: Bits;
  readonly words: Uint8Array;
  readonly content: Uint8Array;
  /** Bytes of content that are there. */
  length: number;
  /** How far back copies reach. */
  readonly window: number;
  /** The last distances, the newest at the end. */
  readonly distances: number[];
}

/**
 * The content of the stream `bytes`, which ends where they end, of at most `limit` bytes. Throws
 * `MALFORMED`, field `brotli`, with the offset, for everything else.
 */
export function decodeBrotli(bytes: Uint8Array, limit: number, words: Uint8Array): Uint8Array {
  const bits = new Bits(bytes);
  const window = (1 << readWindowBits(bits)) - 16;
  const state = {
    bits,
    words,
    content: new Uint8Array(limit),
    length: 0,
    window,
    distances: [16, 15, 11, 4],
  };
  while (readMetaBlock(state) !== 'last');
  bits.end();
  return state.content.slice(0, state.length);
}

/** RFC 7932 §9.1. */
function readWindowBits(bits: Bits): number {
  if (bits.bit() === 0) return 16;
  const more = bits.number(3);
  if (more > 0) return 17 + more;
  const fewer = bits.number(3);
  if (fewer === 1) throw bits.broken('a window of a reserved size');
  return fewer === 0 ? 17 : 8 + fewer;
}

/** RFC 7932 §9.2. */
function readMetaBlock(state: State): 'last' | 'more' {
  const { bits } = state;
  const last = bits.bit() === 1 ? 'last' : 'more';
  if (last === 'last' && bits.bit() === 1) return last;
  const nibbles = bits.number(2);
  if (nibbles === 3) {
    skipMetadata(bits);
    return last;
  }
  const end = state.length + readLength(bits, 4, nibbles + 4, 4);
  if (end > state.content.length) throw bits.broken('more content than is allowed');
  if (last === 'more' && bits.bit() === 1) {
    bits.align();
    append(state, bits.take(end - state.length), end);
  } else readCompressed(state, end);
  return last;
}

function skipMetadata(bits: Bits): void {
  if (bits.bit() === 1) throw bits.broken('a reserved bit');
  const length = bits.number(2);
  const skipped = length === 0 ? 0 : readLength(bits, 8, length, 1);
  bits.align();
  bits.take(skipped);
}

/** A length less one, in `count` digits of `width` bits of which the last is not 0 unless it is needed. */
function readLength(bits: Bits, width: number, count: number, needed: number): number {
  let [length, digit] = [0, 0];
  for (let i = 0; i < count; i++) {
    digit = bits.number(width);
    length += digit * 2 ** (width * i);
  }
  if (digit === 0 && count > needed) throw bits.broken('a length in more digits than it needs');
  return length + 1;
}

/** The prefix codes of one meta-block, with what chooses among them. */
interface Codes extends DistanceForm {
  readonly literals: Blocks;
  readonly commands: Blocks;
  readonly distances: Blocks;
  readonly literalCode: (last: number, before: number) => PrefixCode;
  readonly commandCode: () => PrefixCode;
  readonly distanceCode: (copyLength: number) => PrefixCode;
}

function readCodes(bits: Bits): Codes {
  const [literals, commands, distances] = [new Blocks(bits), new Blocks(bits), new Blocks(bits)];
  const postfix = bits.number(2);
  const direct = bits.number(4) << postfix;
  const modes = Array.from({ length: literals.types }, () => bits.number(2));
  const literalMap = readContextMap(bits, literals.types * 64);
  const distanceMap = readContextMap(bits, distances.types * 4);
  const read = (count: number, size: number) =>
    Array.from({ length: count }, () => readPrefixCode(bits, size));
  const literalCodes = read(literalMap.codes, 256);
  const commandCodes = read(commands.types, 704);
  const distanceCodes = read(distanceMap.codes, 16 + direct + (48 << postfix));
  const pick = (codes: readonly PrefixCode[], index: number | undefined): PrefixCode => {
    const code = codes[index ?? -1];
    if (code === undefined) throw bits.broken('a code that is not there');
    return code;
  };
  return {
    literals,
    commands,
    distances,
    postfix,
    direct,
    literalCode: (last, before) => {
      const context = literalContext(modes[literals.type] ?? 0, last, before);
      return pick(literalCodes, literalMap.map[literals.type * 64 + context]);
    },
    commandCode: () => pick(commandCodes, commands.type),
    distanceCode: (length) =>
      pick(distanceCodes, distanceMap.map[distances.type * 4 + Math.min(length - 2, 3)]),
  };
}

function readCompressed(state: State, end: number): void {
  const { bits } = state;
  const codes = readCodes(bits);
  while (state.length < end) {
    codes.commands.next();
    const symbol = readSymbol(bits, codes.commandCode());
    const [insert, copy] = CELLS[symbol >> 6] ?? [0, 0];
    const insertLength = readCoded(bits, INSERTS[insert + ((symbol >> 3) & 7)]);
    const copyLength = readCoded(bits, COPIES[copy + (symbol & 7)]);
    readLiterals(state, codes, insertLength, end);
    // The last command of a meta-block may have nothing to copy any more.
    if (state.length === end) return;
    // The first 128 symbols mean the last distance without saying so.
    copyFrom(state, symbol < 128 ? 0 : readDistanceCode(state, codes, copyLength), codes, copyLength, end);
  }
}

function readCoded(bits: Bits, [first, extra]: readonly [number, number] = [0, 0]): number {
  return first + bits.number(extra);
}

function readLiterals(state: State, codes: Codes, count: number, end: number): void {
  const { bits, content } = state;
  if (count > end - state.length) throw bits.broken('more literals than the meta-block is long');
  for (let i = 0; i < count; i++) {
    codes.literals.next();
    const at = state.length;
    const code = codes.literalCode(content[at - 1] ?? 0, content[at - 2] ?? 0);
    content[at] = readSymbol(bits, code);
    state.length = at + 1;
  }
}

function readDistanceCode({ bits }: State, codes: Codes, copyLength: number): number {
  codes.distances.next();
  return readSymbol(bits, codes.distanceCode(copyLength));
}

function copyFrom(state: State, code: number, codes: Codes, length: number, end: number): void {
  const { bits, content, distances } = state;
  const distance = readDistance(bits, code, distances, codes);
  const farthest = Math.min(state.window, state.length);
  if (distance > farthest) {
    const word = wordOf(state.words, length, distance - farthest - 1);
    if (word === undefined) throw bits.broken('a distance to nowhere');
    append(state, word, end);
    return;
  }
  if (code !== 0) {
    distances.shift();
    distances.push(distance);
  }
  if (length > end - state.length) throw bits.broken('a copy beyond the meta-block');
  // One by one: a copy may reach into what it writes.
  for (let i = 0; i < length; i++, state.length++)
    content[state.length] = content[state.length - distance] ?? 0;
}

function append(state: State, bytes: Uint8Array, end: number): void {
  if (bytes.length > end - state.length) throw state.bits.broken('a word beyond the meta-block');
  state.content.set(bytes, state.length);
  state.length += bytes.length;
}
