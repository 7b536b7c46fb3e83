// A credential whose signature another key made, under the name of the key that is trusted.
import { deflateSync, inflateSync } from 'node:zlib';
import type { Key } from 'hardkey';
import { decodeBase45, encodeBase45 } from '../../../hardkey/src/encoding/base45.ts';

/** Changes the last bytes of the signature in a zlib text. */
export async function signatureOfAnother(text: string, key: Key): Promise<string> {
  const cose = new Uint8Array(inflateSync(decodeBase45(text)));
  const signature = await key.use('ES256').sign(new TextEncoder().encode('something else'));
  cose.set(signature, cose.length - signature.length);
  return encodeBase45(deflateSync(cose));
}
