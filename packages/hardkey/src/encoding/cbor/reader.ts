/**
 * The cursor that reads CBOR (RFC 8949).
 *
 * @module
 */
import { Failure, invalid, isFailure } from '../../errors.ts';
import { equalBytes, fromUtf8, join, shortAscii, viewOf } from '../bytes.ts';
import { encodeFloat, readFloat } from './float.ts';
import { isShortest, negative, readArgument } from './head.ts';
import { Keys } from './keys.ts';
import type { CborLimits } from './limits.ts';
import { compareRanges } from './order.ts';
import { CborFloat, type CborMap, CborSimple, CborTag, type CborValue } from './value.ts';

/** One entry of a map, with the place of its value. */
export interface CborEntry {
  readonly key: CborValue;
  readonly value: CborValue;
  /** The value's encoding is `bytes.subarray(start, end)`. */
  readonly start: number;
  readonly end: number;
}

/** First bytes that say "until the break", for strings, arrays and maps (RFC 8949 §3.2.1). */
const INDEFINITE: readonly number[] = [0x5f, 0x7f, 0x9f, 0xbf];
const BREAK = 0xff;
/** What stands for their count. */
const UNTIL_BREAK = -1;

/**
 * A cursor over items that stand one after another. Every failure is `MALFORMED` with the offset of
 * the item at fault, or of the end where the input stops too early. Byte strings are views of the
 * input, not copies.
 */
export class CborReader {
  readonly #bytes: Uint8Array;
  readonly #field: string;
  readonly #deterministic: boolean;
  /** Arrays, maps and tags that may still be opened inside one another. */
  #depth: number;
  #items: number;
  #offset = 0;

  constructor(bytes: Uint8Array, limits: CborLimits = {}) {
    this.#bytes = bytes;
    this.#depth = limitOf(limits.depth ?? 16, 'depth');
    this.#items = limitOf(limits.items ?? 10_000, 'items');
    this.#deterministic = limits.deterministic ?? false;
    this.#field = limits.field ?? 'cbor';
  }

  /** Where the next item begins. */
  get offset(): number {
    return this.#offset;
  }

  /** The next item. */
  value(): CborValue {
    return this.#value();
  }

  /** Whether the next item is a map. */
  get isMap(): boolean {
    return (this.#bytes[this.#offset] ?? 0) >> 5 === 5;
  }

  /**
   * The next item, which must be a map, without a `Map` of it: `visit` is called with each key, and takes
   * the value from this reader.
   */
  each(visit: (key: CborValue) => void): void {
    const at = this.#offset;
    const first = this.#open(at);
    if (first >> 5 !== 5) throw this.#malformed('another type was expected', at);
    this.#pairs(this.#argument(first, at), at, visit);
  }

  /** The next item, which must be a map, as entries with places. */
  entries(): CborEntry[] {
    const entries: CborEntry[] = [];
    this.each((key) => {
      const start = this.#offset;
      const value = this.#value();
      entries.push({ key, value, start, end: this.#offset });
    });
    return entries;
  }

  /** A copy of what was read since an offset. */
  since(start: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(viewOf(this.#bytes, start, this.#offset));
  }

  /** Throws `MALFORMED` unless everything was read. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw this.#malformed('bytes after the end', this.#offset);
  }

  #value(): CborValue {
    const at = this.#offset;
    const first = this.#open(at);
    const argument = this.#argument(first, at);
    switch (first >> 5) {
      case 0:
        return argument;
      case 1:
        return negative(argument);
      case 2:
        return argument === UNTIL_BREAK ? this.#byteChunks() : this.#slice(argument, at);
      case 3:
        return argument === UNTIL_BREAK ? this.#textChunks() : this.#text(argument, at);
      case 4:
        return this.#array(argument, at);
      case 5:
        return this.#map(argument, at);
      case 6:
        return this.#tagged(argument, at);
      default:
        return this.#other(first & 31, argument, at);
    }
  }

  /** The first byte of the item at `at`, which is one of those that are counted. */
  #open(at: number): number {
    const first = this.#bytes[at];
    if (first === undefined) throw this.#truncated();
    if (--this.#items < 0) throw this.#malformed('too many items', at);
    return first;
  }

  /** Reads the rest of a head. */
  #argument(first: number, at: number): number | bigint {
    const info = first & 31;
    if (info >= 24) return this.#longArgument(first, info, at);
    this.#offset = at + 1;
    return info;
  }

  #longArgument(first: number, info: number, at: number): number | bigint {
    if (info > 27) return this.#untilBreak(first, at);
    const size = 1 << (info - 24);
    this.#offset = at + 1 + size;
    if (this.#offset > this.#bytes.length) throw this.#truncated();
    const argument = readArgument(this.#bytes, at + 1, size);
    if (this.#deterministic && first < 0xe0 && !isShortest(argument, size)) {
      throw this.#malformed('the head is not the shortest', at);
    }
    return argument;
  }

  #untilBreak(first: number, at: number): number {
    if (first === BREAK) throw this.#malformed('a break with nothing to end', at);
    // RFC 8949 §3: 28 to 30 are reserved; integers and tags have no indefinite length.
    if (!INDEFINITE.includes(first)) throw this.#malformed('the head is not well-formed', at);
    if (this.#deterministic) throw this.#malformed('the length is indefinite', at);
    this.#offset = at + 1;
    return UNTIL_BREAK;
  }

  /** Goes into an array, map or tag; {@link CborReader.#depth} is counted up again where it ends. */
  #enter(at: number): void {
    if (this.#depth <= 0) throw this.#malformed('items are nested too deep', at);
    this.#depth--;
  }

  /** A definite length, which the input has room for: a lie is told before anything is allocated. */
  #length(argument: number | bigint, at: number, width = 1): number {
    const length = Number(argument);
    if (length * width <= this.#bytes.length - this.#offset) return length;
    throw this.#malformed('the item is longer than the input', at);
  }

  /** Whether an array, map or string goes on after `read` of its elements. Steps over the break. */
  #more(count: number, read: number): boolean {
    if (count !== UNTIL_BREAK) return read < count;
    if (this.#bytes[this.#offset] !== BREAK) return true;
    this.#offset++;
    return false;
  }

  #slice(argument: number | bigint, at: number): Uint8Array {
    const length = this.#length(argument, at);
    const start = this.#offset;
    this.#offset = start + length;
    return viewOf(this.#bytes, start, start + length);
  }

  #text(argument: number | bigint, at: number): string {
    const start = this.#offset;
    this.#offset = start + this.#length(argument, at);
    return shortAscii(this.#bytes, start, this.#offset) ?? this.#longText(start, at);
  }

  #longText(start: number, at: number): string {
    try {
      return fromUtf8(this.#bytes.subarray(start, this.#offset));
    } catch (error) {
      if (!isFailure(error, 'MALFORMED')) throw error;
      throw this.#malformed(error.message, at);
    }
  }

  #byteChunks(): Uint8Array {
    return join(this.#chunks(2, (argument, at) => this.#slice(argument, at)));
  }

  #textChunks(): string {
    return this.#chunks(3, (argument, at) => this.#text(argument, at)).join('');
  }

  #tagged(tag: number | bigint, at: number): CborTag {
    this.#enter(at);
    const value = this.#value();
    this.#depth++;
    return new CborTag(tag, value);
  }

  #array(argument: number | bigint, at: number): CborValue[] {
    this.#enter(at);
    const count = this.#length(argument, at);
    const items: CborValue[] = [];
    while (this.#more(count, items.length)) items.push(this.#value());
    this.#depth++;
    return items;
  }

  #map(argument: number | bigint, at: number): CborMap {
    const map = new Map<CborValue, CborValue>();
    this.#pairs(argument, at, (key) => {
      map.set(key, this.#value());
    });
    return map;
  }

  #pairs(argument: number | bigint, at: number, visit: (key: CborValue) => void): void {
    this.#enter(at);
    const count = this.#length(argument, at, 2);
    const keys = new Keys();
    // Nothing comes before the first key: an empty range does not.
    let previous = at;
    let previousEnd = at;
    for (let read = 0; this.#more(count, read); read++) {
      const keyAt = this.#offset;
      const key = this.#value();
      const start = this.#offset;
      if (this.#deterministic && compareRanges(this.#bytes, previous, previousEnd, keyAt, start) >= 0) {
        throw this.#malformed('map keys are not in deterministic order', keyAt);
      }
      visit(key);
      if (!keys.add(key)) throw this.#malformed('a map key is there twice', keyAt);
      previous = keyAt;
      previousEnd = start;
    }
    this.#depth++;
  }

  /** The chunks of an indefinite-length string: definite ones of the same type (RFC 8949 §3.2.3). */
  #chunks<T>(major: number, read: (argument: number | bigint, at: number) => T): T[] {
    const chunks: T[] = [];
    while (this.#more(UNTIL_BREAK, 0)) {
      const at = this.#offset;
      const first = this.#open(at);
      if (first >> 5 !== major || first === INDEFINITE[major - 2]) {
        throw this.#malformed('not a chunk of this string', at);
      }
      chunks.push(read(this.#argument(first, at), at));
    }
    return chunks;
  }

  /** Simple values and floating-point numbers. */
  #other(info: number, argument: number | bigint, at: number): CborValue {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    if (info === 23) return undefined;
    if (info > 24) return this.#float(1 << (info - 24), at);
    // RFC 8949 §3.3: a two-byte simple value below 32 is not well-formed.
    if (info === 24 && argument < 32) throw this.#malformed('the simple value is not well-formed', at);
    return new CborSimple(Number(argument));
  }

  #float(size: number, at: number): CborFloat {
    const value = readFloat(this.#bytes, at + 1, size);
    if (this.#deterministic && !equalBytes(encodeFloat(value), this.#bytes.subarray(at, this.#offset))) {
      throw this.#malformed('the number is not in its shortest form', at);
    }
    return new CborFloat(value);
  }

  #truncated(): Failure {
    return this.#malformed('the input ends too early', this.#bytes.length);
  }

  #malformed(message: string, offset: number): Failure {
    return new Failure('MALFORMED', message, { field: this.#field, offset });
  }
}

/** Nothing is more than NaN: a limit that is none would be no limit. */
function limitOf(limit: number, field: string): number {
  if (typeof limit === 'number' && limit >= 0) return limit;
  throw invalid('a number from 0 on is needed', field);
}
