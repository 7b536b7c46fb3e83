// A QR text that begins with a dash, as other encoders write it.
import { brotliCompressSync, brotliDecompressSync, constants, inflateSync } from 'node:zlib';
import { createKeys } from 'hardkey';
import { decodeBase45, encode, encodeBase45 } from 'hardkey/formats/claim169';
import { memory } from 'hardkey/providers/memory';

/** A credential whose text begins with a dash, and the key that signed it. */
export async function dashedCredential(): Promise<{ readonly text: string; readonly publicKeyPem: string }> {
  const signer = (await createKeys([memory()]).create('memory:dash', { algorithm: 'Ed25519' })).use(
    'Ed25519',
  );
  for (let id = 0; id < 10_000; id++) {
    const { text } = await encode({ id: String(id) }, { issuer: 'https://a.example' }, { signer });
    const dashed = withDash(text);
    if (dashed !== undefined) return { text: dashed, publicKeyPem: signer.publicKey.toPem() };
  }
  throw new Error('no text begins with a dash');
}

/** The same credential packed in other ways, until its text begins with a dash; undefined when none does. */
function withDash(text: string): string | undefined {
  const packed = decodeBase45(text);
  const cose = packed[0] === 0x78 ? inflateSync(packed) : brotliDecompressSync(packed);
  for (let window = constants.BROTLI_MIN_WINDOW_BITS; window <= constants.BROTLI_MAX_WINDOW_BITS; window++)
    for (const quality of [constants.BROTLI_MIN_QUALITY, constants.BROTLI_MAX_QUALITY]) {
      const params = { [constants.BROTLI_PARAM_LGWIN]: window, [constants.BROTLI_PARAM_QUALITY]: quality };
      const other = encodeBase45(brotliCompressSync(cose, { params }));
      if (other.startsWith('-')) return other;
    }
  return undefined;
}
