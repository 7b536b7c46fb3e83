/**
 * The data types of SSH (RFC 4251 §5): big-endian, and every string with its length before it.
 *
 * @module
 */
import { Failure } from '../errors.ts';
import { concat, fromUtf8, utf8, viewOf } from './bytes.ts';

const LENGTH = 4;

/**
 * A cursor over SSH data. Lengths that do not hold are `MALFORMED` with the offset in the whole input.
 * What it returns are views of the input.
 */
export class SshReader {
  readonly #bytes: Uint8Array;
  readonly #field: string;
  readonly #base: number;
  #offset = 0;

  constructor(bytes: Uint8Array, field: string, base = 0) {
    this.#bytes = bytes;
    this.#field = field;
    this.#base = base;
  }

  /** How many bytes were not read yet. */
  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  /** So many bytes as they are. */
  bytes(length: number): Uint8Array {
    if (length > this.left) throw this.malformed('the input ends too early');
    this.#offset += length;
    return viewOf(this.#bytes, this.#offset - length, this.#offset);
  }

  byte(): number {
    return this.bytes(1)[0] ?? 0;
  }

  uint32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.bytes(LENGTH);
    return a * 0x100_0000 + ((b << 16) | (c << 8) | d);
  }

  string(): Uint8Array {
    return this.bytes(this.uint32());
  }

  /** A string that is UTF-8. */
  text(): string {
    return fromUtf8(this.string(), this.#field);
  }

  /** A reader inside the next string. */
  enter(): SshReader {
    const contents = this.string();
    return new SshReader(contents, this.#field, this.#base + this.#offset - contents.length);
  }

  /** An mpint that is not negative, as its magnitude without leading zeros: no byte at all for zero. */
  unsigned(): Uint8Array {
    const at = this.#offset;
    const contents = this.string();
    const [first = 0, second = 0] = contents;
    if (first >= 0x80) throw this.malformed('the integer is negative', at);
    if (first !== 0 || contents.length === 0) return contents;
    // RFC 4251 §5: a leading zero only where the next bit would be a sign; zero has no byte.
    if (second < 0x80) throw this.malformed('the integer is not minimal', at);
    return contents.subarray(1);
  }

  /** Throws `MALFORMED` unless everything was read. */
  end(): void {
    if (this.left > 0) throw this.malformed('bytes after the end');
  }

  /** The failure for what comes next, or for what stands at another offset in this reader. */
  malformed(message: string, offset: number = this.#offset): Failure<'MALFORMED'> {
    return new Failure('MALFORMED', message, { field: this.#field, offset: this.#base + offset });
  }
}

/** Four bytes. */
export function sshUint32(value: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(LENGTH);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

/** A string of the parts, joined. */
export function sshString(...parts: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  const contents = concat(...parts.map((part) => (typeof part === 'string' ? utf8(part) : part)));
  return concat(sshUint32(contents.length), contents);
}

/** An mpint from a big-endian magnitude, which may have leading zeros. */
export function sshUnsigned(magnitude: Uint8Array): Uint8Array<ArrayBuffer> {
  let start = 0;
  while (start < magnitude.length && magnitude[start] === 0) start++;
  const sign = (magnitude[start] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return sshString(sign, magnitude.subarray(start));
}
