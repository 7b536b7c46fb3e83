/**
 * The text of a CBOR string, without a call into the engine for the short ASCII that most of it is.
 *
 * @module
 */

import { isFailure } from '../../errors.ts';
import { fromUtf8 } from '../bytes.ts';

/** Longer than this, the engine's decoder is faster than ours. */
const SHORT = 64;

/** The UTF-8 text at `bytes.subarray(start, end)`, or `undefined` where that is not UTF-8. */
export function readText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = end - start > SHORT ? undefined : ascii(bytes, start, end);
  if (text !== undefined) return text;
  try {
    return fromUtf8(bytes.subarray(start, end));
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) return undefined;
    throw error;
  }
}

/** Eight characters a step: one at a time takes twice as long, and names are all that a credential is. */
function ascii(bytes: Uint8Array, start: number, end: number): string | undefined {
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
