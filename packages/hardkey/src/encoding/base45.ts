/**
 * Base45 (RFC 9285): bytes as the characters of a QR code's alphanumeric mode.
 *
 * The alphabet holds the space. Never trim a scanned text.
 *
 * @module
 */
import { Failure, invalid } from '../errors.ts';
import { fromUtf8 } from './bytes.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
/** So much that no group with it stands for a byte pair. */
const NONE = 0x1_0000;
const VALUES = new Int32Array(256).fill(NONE);
const encoder = new TextEncoder();
/** A character is no more bytes than this above one, so that one that is not ASCII always has room. */
const MORE = 2;
/** Where the characters of a text are put before they are read. A QR code has 4,296 of them at most. */
const ROOM = new Uint8Array(4296 + MORE);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** Two bytes become three characters; a last single byte becomes two. Throws `ARGUMENT_INVALID`, field `bytes`. */
export function encodeBase45(bytes: Uint8Array): string {
  if (!(bytes instanceof Uint8Array)) throw invalid('bytes are needed', 'bytes');
  const pairs = bytes.length & ~1;
  // Characters first and then one text: joining texts takes three times as long.
  const characters = new Uint8Array((pairs / 2) * 3 + (pairs === bytes.length ? 0 : 2));
  let at = 0;
  for (let i = 0; i < pairs; i += 2) {
    const n = ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
    characters[at++] = code(n % 45);
    characters[at++] = code(((n / 45) | 0) % 45);
    characters[at++] = code((n / 2025) | 0);
  }
  if (pairs < bytes.length) {
    const last = bytes[pairs] ?? 0;
    characters[at++] = code(last % 45);
    characters[at++] = code((last / 45) | 0);
  }
  return fromUtf8(characters);
}

/**
 * Reads Base45. Throws `MALFORMED`, field `base45`, with the offset of the first character that is
 * not in the alphabet or whose group stands for no byte pair; `ARGUMENT_INVALID` for what is no text.
 */
export function decodeBase45(text: string): Uint8Array<ArrayBuffer> {
  if (typeof text !== 'string') throw invalid('text is needed', 'base45');
  const rest = text.length % 3;
  if (rest === 1) throw malformed('the text ends in the middle of a byte', text.length);
  const whole = text.length - rest;
  const out = new Uint8Array((whole / 3) * 2 + (rest === 2 ? 1 : 0));
  // Taken out of the text one at a time, they take twice as long. What is not ASCII becomes bytes that are none.
  const room = text.length + MORE;
  const characters = room > ROOM.length ? new Uint8Array(room) : ROOM;
  encoder.encodeInto(text, characters);
  let at = 0;
  for (let i = 0; i < whole; i += 3) {
    const n = value(characters, i) + 45 * value(characters, i + 1) + 2025 * value(characters, i + 2);
    if (n > 0xffff) throw refused('three characters stand for more than two bytes', text, i, 3);
    out[at++] = n >> 8;
    out[at++] = n & 0xff;
  }
  if (rest === 2) {
    const n = value(characters, whole) + 45 * value(characters, whole + 1);
    if (n > 0xff) throw refused('two characters stand for more than a byte', text, whole, 2);
    out[at] = n;
  }
  return out;
}

function code(value: number): number {
  return CODES[value] ?? 0;
}

function value(characters: Uint8Array, offset: number): number {
  return VALUES[characters[offset] ?? 0] ?? NONE;
}

/** A group that stands for nothing: what it is too much for, unless one of its characters is none. */
function refused(message: string, text: string, start: number, length: number): Failure {
  for (let at = start; at < start + length; at++) {
    if (!ALPHABET.includes(text.charAt(at))) return malformed('not a character of Base45', at);
  }
  return malformed(message, start);
}

function malformed(message: string, offset: number): Failure {
  return new Failure('MALFORMED', message, { field: 'base45', offset });
}
