/**
 * Bits of a stream, from the lowest of the first byte on (RFC 7932 §1.5.1).
 *
 * @module
 */
import { Failure } from '../../errors.ts';

/** Reads bits, and never beyond the end. */
export class Bits {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next bit. */
  bit(): number {
    const byte = this.#bytes[this.#position >> 3];
    if (byte === undefined) throw this.broken('the stream is cut short');
    return (byte >> (this.#position++ & 7)) & 1;
  }

  /** The next `count` bits as a number, at most 24. */
  number(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value |= this.bit() << i;
    return value;
  }

  /** Goes on at a whole byte. The bits that are left out are 0 (RFC 7932 §9.2). */
  align(): void {
    while ((this.#position & 7) !== 0) if (this.bit() !== 0) throw this.broken('padding that is not 0');
  }

  /** The next `length` whole bytes. */
  take(length: number): Uint8Array {
    const start = this.#position >> 3;
    if (length > this.#bytes.length - start) throw this.broken('the stream is cut short');
    this.#position += length * 8;
    return this.#bytes.subarray(start, start + length);
  }

  /** Demands that nothing is left. */
  end(): void {
    this.align();
    if (this.#position >> 3 !== this.#bytes.length) throw this.broken('bytes after the end');
  }

  /** A failure that says where reading stands. */
  broken(message: string): Failure<'MALFORMED'> {
    return new Failure('MALFORMED', message, { field: 'brotli', offset: this.#position >> 3 });
  }
}
