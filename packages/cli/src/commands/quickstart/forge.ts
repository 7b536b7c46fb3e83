/**
 * A credential with one bit changed, packed as its issuer would.
 *
 * @module
 */
import { brotliDecompressSync, deflateSync, inflateSync } from 'node:zlib';
import { decodeBase45, encodeBase45 } from 'hardkey/formats/claim169';

/** First byte of zlib (RFC 1950 §2.2) as credentials have it. */
const ZLIB = 0x78;

/** Changes the last bit of the first letter of `word`. Every layer is sound; only the signature does not fit. */
export function forge(text: string, word: string): string {
  const packed = decodeBase45(text);
  const cose = packed[0] === ZLIB ? inflateSync(packed) : brotliDecompressSync(packed);
  const at = cose.indexOf(word);
  if (at === -1) throw new Error('the word is not in the credential');
  cose.writeUInt8(cose.readUInt8(at) ^ 1, at);
  return encodeBase45(deflateSync(cose));
}
