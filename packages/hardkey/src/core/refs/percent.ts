/**
 * Percent-encoding (RFC 3986 §2.1), to bytes and to text.
 *
 * @module
 */
import { fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { refuse } from './refuse.ts';

const PERCENT = 0x25;

/** RFC 3986 §2.3: what is never encoded. */
export const UNRESERVED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';

/** Bytes of percent-encoded `text`. Throws `ARGUMENT_INVALID` at a `%` without two hexadecimal digits. */
export function percentDecode(text: string, field: string, offset?: number): Uint8Array<ArrayBuffer> {
  const wrong = text.search(/%(?![0-9A-Fa-f]{2})/);
  if (wrong !== -1) {
    const at = offset === undefined ? undefined : offset + wrong;
    throw refuse(field, 'a percent sign is followed by two hexadecimal digits', at);
  }
  const raw = utf8(text);
  const out = new Uint8Array(raw.length);
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i] ?? 0;
    out[length++] =
      byte === PERCENT ? Number.parseInt(String.fromCharCode(...raw.subarray(i + 1, i + 3)), 16) : byte;
    if (byte === PERCENT) i += 2;
  }
  return out.slice(0, length);
}

/** The same as text. Throws `ARGUMENT_INVALID` when the bytes are not UTF-8. */
export function percentDecodeText(text: string, field: string, offset?: number): string {
  const bytes = percentDecode(text, field, offset);
  try {
    return fromUtf8(bytes);
  } catch {
    throw refuse(field, 'the percent-encoded text is not UTF-8', offset);
  }
}

/** Encodes every byte except the ASCII characters of `keep`. Digits are upper-case (RFC 3986 §6.2.2.1). */
export function percentEncode(value: string | Uint8Array, keep: string): string {
  let text = '';
  for (const byte of typeof value === 'string' ? utf8(value) : value) {
    const character = String.fromCharCode(byte);
    text += keep.includes(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}
