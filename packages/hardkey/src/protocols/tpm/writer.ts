/**
 * Writes what a TPM reads.
 *
 * @module
 */
import { erasable } from '../../encoding/bytes.ts';

/** Room for what is written at once; a new one only where one writer begins within another. */
let spare: Uint8Array<ArrayBuffer> | undefined = new Uint8Array(512);

/** Bytes that grow. {@link done} ends the writer. */
export class TpmWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor() {
    this.#bytes = spare ?? new Uint8Array(512);
    spare = undefined;
  }

  /** An unsigned number of `size` bytes, big-endian. */
  unsigned(value: number, size: number): void {
    this.#reserve(size);
    this.#put(this.#length, value, size);
    this.#length += size;
  }

  /** Bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What `write` writes, with its length before it. */
  sized(width: number, write: () => void): void {
    const at = this.#length;
    this.unsigned(0, width);
    write();
    this.#put(at, this.#length - at - width, width);
  }

  /** Everything that was written. */
  done(): Uint8Array<ArrayBuffer> {
    // It may hold a secret.
    const written = erasable(this.#bytes.subarray(0, this.#length));
    this.#bytes.fill(0, 0, this.#length);
    spare = this.#bytes;
    this.#length = 0;
    return written;
  }

  #put(at: number, value: number, size: number): void {
    for (let i = 0; i < size; i++) this.#bytes[at + i] = value >>> (8 * (size - 1 - i));
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.#length + more));
    grown.set(this.#bytes);
    this.#bytes.fill(0, 0, this.#length);
    this.#bytes = grown;
  }
}
