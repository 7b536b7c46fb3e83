/**
 * A Brotli reader for runtimes that have none.
 *
 * @module
 */
import { decodeBrotli } from './decode.ts';
import { loadWords } from './dictionary.ts';

let words: Promise<Uint8Array> | undefined;

/**
 * The content of a Brotli stream (RFC 7932) that ends exactly where the input ends, of at most `limit`
 * bytes. Throws `MALFORMED`, field `brotli`, with the offset, for any other input.
 */
export async function decompressBrotli(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  words ??= loadWords();
  return decodeBrotli(bytes, limit, await words);
}
