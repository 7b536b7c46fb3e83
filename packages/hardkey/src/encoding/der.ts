/**
 * Strict DER (X.690): the little of it that keys and signatures need.
 *
 * @module
 */
import { Failure } from '../errors.ts';
import { concat, viewOf } from './bytes.ts';
import { oidContents, oidText } from './oid.ts';

/** Universal tags (X.680 §8.4), with the constructed bit where DER sets it. */
export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const;

/**
 * A cursor over DER. Every length is minimal and inside the input, or `MALFORMED` is thrown with the
 * offset of the element at fault in the whole input. What it returns are views of the input.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #field: string;
  #offset = 0;

  constructor(bytes: Uint8Array, field = 'der', base = 0) {
    this.#bytes = bytes;
    this.#field = field;
    this.#base = base;
  }

  /** Whether anything is left. */
  get done(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** Where the next element begins in the whole input. */
  get offset(): number {
    return this.#base + this.#offset;
  }

  /** The tag of the next element, or −1 at the end. */
  get tag(): number {
    return this.#bytes[this.#offset] ?? -1;
  }

  /** The contents of the next element, which must have this tag. */
  read(tag: number): Uint8Array {
    const at = this.#offset;
    if (this.tag !== tag) throw this.#malformed('another element was expected', at);
    const start = at + 2 + this.#lengthSize(at);
    const length = this.#length(at, start);
    if (start + length > this.#bytes.length)
      throw this.#malformed('the element is longer than the input', at);
    // X.690 §8.8.2: a NULL has no contents.
    if (tag === derTag.null && length > 0) throw this.#malformed('the null is not empty', at);
    this.#offset = start + length;
    return viewOf(this.#bytes, start, this.#offset);
  }

  /** A reader inside the next constructed element. */
  enter(tag: number = derTag.sequence): DerReader {
    const contents = this.read(tag);
    return new DerReader(contents, this.#field, this.#base + this.#offset - contents.length);
  }

  /** A non-negative INTEGER as its magnitude without leading zeros (one zero byte for zero). */
  unsigned(): Uint8Array {
    const at = this.#offset;
    const contents = this.read(derTag.integer);
    const [first, second] = contents;
    if (first === undefined || first >= 0x80) throw this.#malformed('the integer is empty or negative', at);
    if (first !== 0 || second === undefined) return contents;
    // X.690 §8.3.2: a leading zero only where the next bit would be a sign.
    if (second < 0x80) throw this.#malformed('the integer is not minimal', at);
    return contents.subarray(1);
  }

  /** A BIT STRING of whole bytes. */
  bits(): Uint8Array {
    const at = this.#offset;
    const contents = this.read(derTag.bitString);
    if (contents[0] !== 0) throw this.#malformed('the bit string is not whole bytes', at);
    return contents.subarray(1);
  }

  /** An OBJECT IDENTIFIER in dotted form. Arcs of 2^53 and above are refused. */
  oid(): string {
    const at = this.#offset;
    const text = oidText(this.read(derTag.oid));
    if (text === undefined) throw this.#malformed('the object identifier is not well-formed', at);
    return text;
  }

  /** Throws `MALFORMED` unless everything was read. */
  end(): void {
    if (!this.done) throw this.#malformed('bytes after the end', this.#offset);
  }

  /** How many bytes the length takes beyond the first. */
  #lengthSize(at: number): number {
    const first = this.#bytes[at + 1];
    if (first === undefined) throw this.#malformed('the input ends too early', at);
    if (first < 0x80) return 0;
    // X.690 §10.1: the length is definite. Four bytes are more than any key needs.
    const size = first & 0x7f;
    if (size === 0 || size > 4) throw this.#malformed('the length is indefinite or too large', at);
    return size;
  }

  #length(at: number, start: number): number {
    const first = this.#bytes[at + 1] ?? 0;
    if (first < 0x80) return first;
    if (start > this.#bytes.length) throw this.#malformed('the input ends too early', at);
    let length = 0;
    for (let i = at + 2; i < start; i++) length = length * 256 + (this.#bytes[i] ?? 0);
    const size = start - at - 2;
    if (length < 0x80 || length < 256 ** (size - 1)) throw this.#malformed('the length is not minimal', at);
    return length;
  }

  #malformed(message: string, offset: number): Failure {
    return new Failure('MALFORMED', message, { field: this.#field, offset: this.#base + offset });
  }
}

/** One element. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const body = concat(...contents);
  return concat(Uint8Array.of(tag, ...lengthBytes(body.length)), body);
}

/** An INTEGER from a big-endian magnitude. */
export function derUnsigned(magnitude: Uint8Array): Uint8Array<ArrayBuffer> {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const trimmed = magnitude.length === 0 ? Uint8Array.of(0) : magnitude.subarray(start);
  const sign = (trimmed[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return der(derTag.integer, sign, trimmed);
}

/** A BIT STRING of whole bytes. */
export function derBits(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return der(derTag.bitString, Uint8Array.of(0), bytes);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function derOid(text: string): Uint8Array<ArrayBuffer> {
  return der(derTag.oid, oidContents(text));
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 | bytes.length, ...bytes];
}
