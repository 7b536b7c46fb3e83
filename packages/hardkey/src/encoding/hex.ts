/**
 * Hexadecimal.
 *
 * @module
 */
import { Failure } from '../errors.ts';

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal of `bytes`. */
export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}

/** Bytes of hexadecimal `text`, either case. Throws `MALFORMED` with the offset of the first wrong character. */
export function decodeHex(text: string, field = 'hex'): Uint8Array<ArrayBuffer> {
  const wrong = text.search(/[^0-9a-fA-F]/);
  if (wrong !== -1) throw new Failure('MALFORMED', 'not a hexadecimal digit', { field, offset: wrong });
  if (text.length % 2 === 1) {
    throw new Failure('MALFORMED', 'hexadecimal has two digits a byte', { field, offset: text.length });
  }
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}
