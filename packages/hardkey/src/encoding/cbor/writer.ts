/**
 * The growing buffer that CBOR is written to.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import { utf8 } from '../bytes.ts';
import { encodeFloat } from './float.ts';

/** Room at the start. A credential without a picture fits. */
const ROOM = 1024;
const NOTHING = new Uint8Array();
/** Longer than this, the engine's encoder is faster than ours. */
const SHORT = 64;

/** The room of a writer that ended, for the next one: to make it takes longer than to write a header. */
let spare: Uint8Array<ArrayBuffer> | undefined;

/** Writes heads in their shortest form (RFC 8949 §3, §4.2.1), and what follows them. */
export class CborWriter {
  #buffer: Uint8Array<ArrayBuffer> = spare ?? new Uint8Array(ROOM);
  #length = 0;

  constructor() {
    spare = undefined;
  }

  /** Where the next byte goes. */
  get length(): number {
    return this.#length;
  }

  /** The bytes that hold what was written, until more is written. */
  get buffer(): Uint8Array {
    return this.#buffer;
  }

  /** What was written, on a buffer of its own. Ends the writer, and leaves nothing of it behind. */
  bytes(): Uint8Array<ArrayBuffer> {
    const written = this.#buffer.slice(0, this.#length);
    this.#buffer.fill(0, 0, this.#length);
    if (this.#buffer.length === ROOM) spare = this.#buffer;
    this.#buffer = NOTHING;
    this.#length = 0;
    return written;
  }

  /** A head. `argument` is a whole number from 0 to 2^64 − 1. */
  head(major: number, argument: number | bigint): void {
    const at = this.#room(9);
    const type = major << 5;
    if (argument < 24) {
      this.#buffer[at] = type | Number(argument);
      this.#length = at + 1;
    } else if (argument < 2 ** 8) this.#sized(type | 24, Number(argument), 1);
    else if (argument < 2 ** 16) this.#sized(type | 25, Number(argument), 2);
    else if (argument < 2 ** 32) this.#sized(type | 26, Number(argument), 4);
    else {
      const wide = BigInt(argument);
      this.#sized(type | 27, Number(wide >> 32n), 4);
      this.#big(Number(wide & 0xffff_ffffn), 4);
    }
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

  /** Replaces everything from `start` on by parts of it. */
  replace(start: number, parts: readonly { readonly start: number; readonly end: number }[]): void {
    const written = this.#buffer.slice(start, this.#length);
    this.#length = start;
    for (const part of parts) this.raw(written.subarray(part.start - start, part.end - start));
  }

  /** Writes the text if all of it is ASCII. */
  #ascii(value: string): boolean {
    const start = this.#length;
    this.head(3, value.length);
    const at = this.#room(value.length);
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) {
        this.#length = start;
        return false;
      }
      this.#buffer[at + i] = unit;
    }
    this.#length = at + value.length;
    return true;
  }

  #sized(first: number, argument: number, size: number): void {
    this.#buffer[this.#length++] = first;
    this.#big(argument, size);
  }

  /** `size` bytes of a number, the highest first. */
  #big(value: number, size: number): void {
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) this.#buffer[this.#length++] = value >>> shift;
  }

  /** Makes room for `length` bytes. Where they go. */
  #room(length: number): number {
    const needed = this.#length + length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(2 * this.#buffer.length, needed));
      grown.set(this.#buffer);
      this.#buffer.fill(0);
      this.#buffer = grown;
    }
    return this.#length;
  }
}
