// Signers of tests that have a certificate.
import { type KeyObject, sign } from 'node:crypto';
import { importPublicKey, keyRef, type Signer } from 'hardkey';

/** An ES256 signer with a key of node:crypto. */
export async function signerOf(keys: {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}): Promise<Signer> {
  const spki = Uint8Array.from(keys.publicKey.export({ type: 'spki', format: 'der' }));
  const publicKey = await importPublicKey(spki);
  const custody = { place: 'memory', level: 'claimed', facts: {} } as const;
  return {
    algorithm: 'ES256',
    publicKey,
    key: {
      ref: keyRef('memory', 'leaf'),
      id: publicKey.id,
      algorithms: ['ES256'],
      state: 'active',
      custody,
      publicKey,
    },
    sign: async (message) =>
      Uint8Array.from(sign('sha256', message, { key: keys.privateKey, dsaEncoding: 'ieee-p1363' })),
  };
}
