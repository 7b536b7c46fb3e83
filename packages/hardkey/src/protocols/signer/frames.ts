/**
 * Frames on the pipes of a signer program: a length of four bytes, big-endian, and as many bytes.
 *
 * @module
 */
import { concat } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';

const HEAD = 4;
const EMPTY = new Uint8Array();

/** One frame around `body`. */
export function encodeFrame(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEAD + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, HEAD);
  return frame;
}

/** Cuts what arrives in pieces of any size into frames. */
export class FrameReader {
  readonly #limit: number;
  #rest: Uint8Array = EMPTY;

  /** `limit` is the longest body that is taken, in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The bodies that `chunk` completes. Throws `MALFORMED` for an empty frame and for one beyond the limit. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    const bytes = this.#rest.length === 0 ? chunk : concat(this.#rest, chunk);
    const bodies: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0);
      if (length === 0 || length > this.#limit) {
        throw new Failure('MALFORMED', 'a frame of a length that is not allowed', { field: 'signer.frame' });
      }
      if (bytes.length - at - HEAD < length) break;
      bodies.push(bytes.subarray(at + HEAD, at + HEAD + length));
      at += HEAD + length;
    }
    // A copy, which `slice` of a Buffer is not: the chunk belongs to the stream, which may use it again.
    this.#rest = at === bytes.length ? EMPTY : Uint8Array.from(bytes.subarray(at));
    return bodies;
  }
}
