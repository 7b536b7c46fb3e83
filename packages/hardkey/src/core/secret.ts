/**
 * Secret bytes that do not print or serialise by accident.
 *
 * @module
 */
import { erasable } from '../encoding/bytes.ts';
import { Failure } from '../errors.ts';

/** Gives a secret when it is needed: a file, a descriptor, a prompt or the caller's own store. */
export type SecretSource = () => Promise<Secret>;

/** Bytes that are read only through {@link use}, and are zeroed on disposal. */
export class Secret {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #disposed = false;

  /** Copies `bytes`; the caller may zero the original. */
  constructor(bytes: Uint8Array) {
    this.#bytes = erasable(bytes);
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Lends the bytes to `fn`. Keeping a reference to them beyond the call is a defect. */
  use<T>(fn: (bytes: Uint8Array<ArrayBuffer>) => T): T {
    if (this.#disposed) throw new Failure('ARGUMENT_INVALID', 'the secret has been disposed');
    return fn(this.#bytes);
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#bytes.fill(0);
  }
}
