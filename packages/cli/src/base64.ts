/**
 * Base64 (RFC 4648 §4) on the command line.
 *
 * @module
 */
import { Failure } from 'hardkey';

/** Padded base64 of `bytes`. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** The bytes of padded base64. Throws `MALFORMED` for anything that is not the one text of some bytes. */
export function fromBase64(text: string, field: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  // The runtime passes over what it does not know; what it would write itself is what is accepted.
  if (bytes.toString('base64') === text) return new Uint8Array(bytes);
  throw new Failure('MALFORMED', 'not base64', { field });
}
