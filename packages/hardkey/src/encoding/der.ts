/**
 * Strict DER (X.690): the little of it that keys and signatures need.
 *
 * @module
 */
import { Failure } from '../errors.ts';
import { concat } from './bytes.ts';

/** Universal tags (X.680 §8.4), with the constructed bit where DER sets it. */
export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const;

/** A cursor over DER. Every length is minimal and inside the input, or `MALFORMED` is thrown. */
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

  /** The tag of the next element, or −1 at the end. */
  get tag(): number {
    return this.#bytes[this.#offset] ?? -1;
  }

  /** The contents of the next element, which must have this tag. */
  read(tag: number): Uint8Array {
    if (this.tag !== tag) throw this.#malformed('another element was expected');
    const length = this.#length();
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw this.#malformed('the element is longer than the input');
    const contents = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return contents;
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
    const [first = 0x80, second = 0x80] = contents;
    const padded = contents.length > 1 && first === 0 && second < 0x80;
    if (contents.length === 0 || first >= 0x80 || padded) {
      this.#offset = at;
      throw this.#malformed('the integer is negative or not minimal');
    }
    return contents.length > 1 && first === 0 ? contents.subarray(1) : contents;
  }

  /** A BIT STRING of whole bytes. */
  bits(): Uint8Array {
    const contents = this.read(derTag.bitString);
    if (contents[0] !== 0) throw this.#malformed('the bit string is not whole bytes');
    return contents.subarray(1);
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  oid(): string {
    return oidText(this.read(derTag.oid));
  }

  /** Throws `MALFORMED` unless everything was read. */
  end(): void {
    if (!this.done) throw this.#malformed('bytes after the end');
  }

  #length(): number {
    const first = this.#bytes[this.#offset + 1];
    if (first === undefined) throw this.#malformed('the input ends too early');
    this.#offset += 2;
    if (first < 0x80) return first;
    const size = first & 0x7f;
    // X.690 §10.1: definite and minimal; four bytes are more than any key needs.
    if (size === 0 || size > 4) throw this.#malformed('the length is indefinite or too large');
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + (this.#bytes[this.#offset + i] ?? 0);
    this.#offset += size;
    if (length < 0x80 || length < 256 ** (size - 1)) throw this.#malformed('the length is not minimal');
    return length;
  }

  #malformed(message: string): Failure {
    return new Failure('MALFORMED', message, { field: this.#field, offset: this.#base + this.#offset });
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
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const arcs = [first * 40 + second, ...rest];
  return der(derTag.oid, Uint8Array.from(arcs.flatMap(arcBytes)));
}

function arcBytes(arc: number): number[] {
  const out = [arc % 128];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
    out.unshift((left % 128) + 128);
  }
  return out;
}

function oidText(contents: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of contents) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [head = 0, ...rest] = arcs;
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...rest].join('.');
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 | bytes.length, ...bytes];
}
