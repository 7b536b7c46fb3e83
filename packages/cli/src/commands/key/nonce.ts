/**
 * The nonce that evidence is for: `--nonce`.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { type Given, required } from '../../given.ts';

/** Its bytes. Throws `ARGUMENT_INVALID`. */
export function nonceOf(given: Given): Uint8Array {
  const text = required(given, 'nonce');
  if (/^([0-9A-Fa-f]{2}){1,64}$/.test(text)) return Uint8Array.from(Buffer.from(text, 'hex'));
  throw new Failure('ARGUMENT_INVALID', 'a nonce is 1 to 64 bytes in hexadecimal', { field: 'nonce' });
}
