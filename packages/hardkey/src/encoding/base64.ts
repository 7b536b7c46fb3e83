/**
 * Base64 and base64url (RFC 4648), strict: one text for each byte string.
 *
 * @module
 */
import { Failure } from '../errors.ts';
import { fromUtf8, utf8 } from './bytes.ts';

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = `${STANDARD.slice(0, 62)}-_`;

/** RFC 4648 §4, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD_CODES);
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** RFC 4648 §5, without padding, as JOSE writes it. */
export function encodeBase64url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE_CODES);
}

/** Reads RFC 4648 §4. Throws `MALFORMED` for a wrong character, missing padding or bits left over. */
export function decodeBase64(text: string, field = 'base64'): Uint8Array<ArrayBuffer> {
  if (text.length % 4 !== 0) throw malformed('base64 is padded to a multiple of four', field, text.length);
  return decode(text.replace(/={1,2}$/, ''), STANDARD_VALUES, field);
}

/** Reads RFC 4648 §5 without padding. Throws `MALFORMED` for a wrong character or bits left over. */
export function decodeBase64url(text: string, field = 'base64url'): Uint8Array<ArrayBuffer> {
  return decode(text, URL_SAFE_VALUES, field);
}

const STANDARD_CODES = utf8(STANDARD);
const URL_SAFE_CODES = utf8(URL_SAFE);
const STANDARD_VALUES = values(STANDARD);
const URL_SAFE_VALUES = values(URL_SAFE);

function values(alphabet: string): Uint8Array {
  const table = new Uint8Array(128).fill(255);
  for (let i = 0; i < 64; i++) table[alphabet.charCodeAt(i)] = i;
  return table;
}

function encode(bytes: Uint8Array, codes: Uint8Array): string {
  // Text that grows by a character at a time takes minutes for what is large; what is written past the end is lost.
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const block = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) text[at++] = codes[(block >> shift) & 63] ?? 0;
  }
  return fromUtf8(text);
}

function decode(text: string, table: Uint8Array, field: string): Uint8Array<ArrayBuffer> {
  if (text.length % 4 === 1) throw malformed('base64 ends in the middle of a byte', field, text.length);
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = table[text.charCodeAt(i)] ?? 255;
    if (value === 255) throw malformed('not a character of this alphabet', field, i);
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = held >> bits;
  }
  // RFC 4648 §3.5: the unused bits of the last character are zero, or two texts would mean one value.
  if ((held & ((1 << bits) - 1)) !== 0) throw malformed('the last bits are not zero', field, text.length - 1);
  return out;
}

function malformed(message: string, field: string, offset: number): Failure {
  return new Failure('MALFORMED', message, { field, offset });
}
