/**
 * A cursor over what a TPM wrote.
 *
 * @module
 */
import { viewOf } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';

/** Reads bytes from front to back and never beyond the end. What it returns are views of the input. */
export class TpmReader {
  readonly #bytes: Uint8Array;
  readonly #path: string[];
  #offset = 0;
  #end: number;

  /** `field` names the input in failures. */
  constructor(bytes: Uint8Array, field: string) {
    this.#bytes = bytes;
    this.#path = [field];
    this.#end = bytes.length;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#end - this.#offset;
  }

  /** An unsigned number of `size` bytes, big-endian. */
  unsigned(size: number): number {
    this.#need(size);
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (this.#bytes[this.#offset++] ?? 0);
    return value;
  }

  /** The next bytes. */
  bytes(length: number): Uint8Array {
    this.#need(length);
    this.#offset += length;
    return viewOf(this.#bytes, this.#offset - length, this.#offset);
  }

  /** A length or a count, `most` at most and never more than there are bytes left. */
  length(size: number, most: number): number {
    const value = this.unsigned(size);
    if (value > most) throw this.malformed('larger than it can be');
    if (value > this.left) throw this.malformed('the input ends too early');
    return value;
  }

  /** Reads within the next `length` bytes, which must be used up. */
  within<T>(length: number, read: (input: TpmReader) => T): T {
    this.#need(length);
    const outer = this.#end;
    this.#end = this.#offset + length;
    const value = read(this);
    this.end();
    this.#end = outer;
    return value;
  }

  /** Reads with `name` added to the path of failures. */
  named<T>(name: string, read: (input: TpmReader) => T): T {
    this.#path.push(name);
    const value = read(this);
    this.#path.pop();
    return value;
  }

  /** Throws `MALFORMED` unless everything was read. */
  end(): void {
    if (this.left !== 0) throw this.malformed('bytes after the end');
  }

  /** The failure for what breaks the format, here. */
  malformed(message: string): Failure<'MALFORMED'> {
    return new Failure('MALFORMED', message, { field: this.#path.join('.'), offset: this.#offset });
  }

  /** The failure for what may be right and is not known here. */
  unsupported(message: string): Failure<'UNSUPPORTED'> {
    return new Failure('UNSUPPORTED', message, { field: this.#path.join('.'), offset: this.#offset });
  }

  #need(length: number): void {
    if (length > this.left) throw this.malformed('the input ends too early');
  }
}
