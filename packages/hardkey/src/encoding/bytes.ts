/**
 * Byte strings: joining, comparing and reading them as text.
 *
 * @module
 */
import { Failure } from '../errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Longer than this, the engine's decoder is faster than ours. */
const SHORT = 64;

/** Text of UTF-8 `bytes`. Throws `MALFORMED` when they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array, field?: string): string {
  const text = shortAscii(bytes, 0, bytes.length);
  if (text !== undefined) return text;
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    // Encoding Standard §5.1: a TypeError says that the bytes are not UTF-8.
    if (!(cause instanceof TypeError)) throw cause;
    throw new Failure('MALFORMED', 'the text is not UTF-8', field === undefined ? {} : { field }, cause);
  }
}

/**
 * The text at `bytes.subarray(start, end)` where it is short and ASCII, which most names are: without a
 * call into the engine, and eight characters a step, since one at a time takes twice as long.
 */
export function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > SHORT) return undefined;
  let text = '';
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const a = bytes[at] ?? 0;
    const b = bytes[at + 1] ?? 0;
    const c = bytes[at + 2] ?? 0;
    const d = bytes[at + 3] ?? 0;
    const e = bytes[at + 4] ?? 0;
    const f = bytes[at + 5] ?? 0;
    const g = bytes[at + 6] ?? 0;
    const h = bytes[at + 7] ?? 0;
    if ((a | b | c | d | e | f | g | h) >= 0x80) return undefined;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; at < end; at++) {
    const character = bytes[at] ?? 0;
    if (character >= 0x80) return undefined;
    text += String.fromCharCode(character);
  }
  return text;
}

/** `bytes.subarray(start, end)`, faster, and a plain Uint8Array also of a Buffer. */
export function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

/** One array holding all `parts` in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return join(parts);
}

/** {@link concat} of a list, which may be longer than a call takes arguments. */
export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return fill(new Uint8Array(lengthOf(parts)), parts);
}

/**
 * {@link concat} for secrets, into what can be erased. A short array is kept in the heap of the garbage
 * collector, which copies it when it moves it or is asked for its buffer: zeroing one leaves the others.
 */
export function erasable(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return fill(new Uint8Array(new ArrayBuffer(lengthOf(parts))), parts);
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.length, 0);
}

function fill(out: Uint8Array<ArrayBuffer>, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Whether two public byte strings are equal. Not constant-time: never for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Ascending bytewise order; a prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The same bytes on a buffer of their own, as WebCrypto wants them. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}
