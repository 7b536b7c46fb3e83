/**
 * Base58 with the alphabet of Bitcoin, as multibase prefix `z` names it.
 *
 * @module
 */
import { Failure } from '../errors.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** The work grows with the square of the length: no key comes near to this. */
const LONGEST = 2048;

/** Reads base58. Throws `MALFORMED` with the offset of a wrong character, and for more than 2,048 of them. */
export function decodeBase58(text: string, field = 'base58'): Uint8Array<ArrayBuffer> {
  if (text.length > LONGEST) throw new Failure('MALFORMED', 'the text is too long', { field });
  const digits: number[] = [];
  for (const [offset, character] of [...text].entries()) {
    const value = ALPHABET.indexOf(character);
    if (value === -1) throw new Failure('MALFORMED', 'not a character of base58', { field, offset });
    shiftIn(digits, value);
  }
  const zeros = text.length - text.replace(/^1+/, '').length;
  return Uint8Array.from([...new Uint8Array(zeros), ...digits.reverse()]);
}

/** Writes base58. */
export function encodeBase58(bytes: Uint8Array): string {
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = '';
  for (; number > 0n; number /= 58n) text = (ALPHABET[Number(number % 58n)] ?? '') + text;
  const first = bytes.findIndex((byte) => byte !== 0);
  return '1'.repeat(first === -1 ? bytes.length : first) + text;
}

/** `digits`, lowest first, times 58 plus `value`. */
function shiftIn(digits: number[], value: number): void {
  let carry = value;
  for (let at = 0; at < digits.length; at++) {
    carry += (digits[at] ?? 0) * 58;
    digits[at] = carry & 0xff;
    carry >>= 8;
  }
  for (; carry > 0; carry >>= 8) digits.push(carry & 0xff);
}
