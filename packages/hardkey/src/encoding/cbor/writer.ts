/**
 * The growing buffer that CBOR is written to.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import { utf8 } from '../bytes.ts';
import { encodeFloat } from './float.ts';

/** Room at the start. A credential without a picture fits. */
const ROOM = 512;
/** Longer than this, the engine's encoder is faster than ours. */
const SHORT = 64;

/** Writes heads in their shortest form (RFC 8949 §3, §4.2.1), and what follows them. */
export class CborWriter {
  #buffer = new Uint8Array(ROOM);
  #length = 0;

  /** Where the next byte goes. */
  get length(): number {
    return this.#length;
  }

  /** What was written, on a buffer of its own. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#length);
  }

  /** What was written from `start` to `end`, until more is written. */
  view(start: number, end: number): Uint8Array {
    return this.#buffer.subarray(start, end);
  }

  /** A head. `argument` is not negative and below 2^64. */
  head(major: number, argument: number | bigint): void {
    const at = this.#room(9);
    const type = major << 5;
    if (argument < 24) {
      this.#buffer[at] = type | Number(argument);
      this.#length = at + 1;
    } else if (argument < 0x100) this.#sized(type | 24, Number(argument), 1);
    else if (argument < 0x1_0000) this.#sized(type | 25, Number(argument), 2);
    else if (argument < 0x1_0000_0000) this.#sized(type | 26, Number(argument), 4);
    else this.#wide(type | 27, BigInt(argument));
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    // The room is made first: the buffer may be another one afterwards.
    const at = this.#room(bytes.length);
    this.#buffer.set(bytes, at);
    this.#length = at + bytes.length;
  }

  /** A text string. Throws `ARGUMENT_INVALID` for half a surrogate pair, which UTF-8 has no form for. */
  text(value: string): void {
    if (value.length <= SHORT && this.#ascii(value)) return;
    if (!value.isWellFormed()) {
      throw new Failure('ARGUMENT_INVALID', 'the text holds half a surrogate pair', { field: 'cbor' });
    }
    const bytes = utf8(value);
    this.head(3, bytes.length);
    this.raw(bytes);
  }

  /** A floating-point number, in the shortest form that keeps it. */
  float(value: number): void {
    this.raw(encodeFloat(value));
  }

  /** Puts what was written from the first of `starts` on into another order of its parts. */
  reorder(starts: readonly number[], order: readonly number[]): void {}

  /** Writes the text if it is ASCII. Its head has one or two bytes, its length being known. */
  #ascii(value: string): boolean {
    const start = this.#length;
    this.head(3, value.length);
    const at = this.#room(value.length);
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      this.#buffer[at + i] = unit;
      if (unit < 0x80) continue;
      this.#length = start;
      return false;
    }
    this.#length = at + value.length;
    return true;
  }
}
