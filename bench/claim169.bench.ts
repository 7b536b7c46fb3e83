/**
 * Claim 169 from text to verified identity, and back, against nothing but the signature of node:crypto
 * with a cached key.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { createKeys, createTrust, type SignatureAlgorithm } from 'hardkey';
import { type DecodeOptions, decode, encode, type Identity } from 'hardkey/formats/claim169';
import { memory } from 'hardkey/providers/memory';
import { exportPrivateKey } from 'hardkey/unsafe';
import type { Question } from './runner.ts';

// 21 fields, as a card of a national identity system has them.
const IDENTITY: Identity = {
  id: '3918592438',
  version: '1.0',
  language: 'eng',
  fullName: 'Janardhan Bangalore Srinivas',
  firstName: 'Janardhan',
  middleName: 'Bangalore',
  lastName: 'Srinivas',
  dateOfBirth: '19840418',
  gender: 1,
  address: 'New House, Near Metro Line\nBengaluru, KA',
  email: 'janardhan@example.com',
  phone: '+919876543210',
  nationality: 'IN',
  maritalStatus: 2,
  guardian: '849503857',
  bestQualityFingers: [1, 6],
  secondaryFullName: 'Janardhan',
  secondaryLanguage: 'hin',
  locationCode: '849VCWC8+R9',
  legalStatus: 'Refugee',
  countryOfIssuance: 'IN',
};
const META = { issuer: 'https://id.example.org', subject: '3918592438', expiresAt: 4_000_000_000 };
/** As long as the Sig_structure of the credential. */
const MESSAGE = new Uint8Array(330).fill(7);

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const asked = (['ES256', 'Ed25519'] as const).map(of);
  return (await Promise.all(asked)).flat();
}

async function of(algorithm: SignatureAlgorithm): Promise<readonly Question[]> {
  const keys = createKeys([memory()]);
  const key = await keys.create(`memory:${algorithm}`, { algorithm });
  const signer = key.use(algorithm);
  const secret = await exportPrivateKey(key);
  const hash = algorithm === 'ES256' ? 'sha256' : null;
  const privateKey = secret.use((bytes) =>
    createPrivateKey({ key: Buffer.from(bytes), format: 'der', type: 'pkcs8' }),
  );
  const publicKey = createPublicKey(privateKey);
  const signature = sign(hash, MESSAGE, privateKey);
  const options: DecodeOptions = { trust: await createTrust(signer.publicKey) };
  const zlib = (await encode(IDENTITY, META, { signer, compression: 'zlib' })).text;
  const brotli = (await encode(IDENTITY, META, { signer, compression: 'brotli' })).text;
  return [
    {
      name: `claim169 decode and verify, ${algorithm}`,
      baseline: 'node:crypto verify',
      candidates: [
        { name: 'node:crypto verify', run: () => verify(hash, MESSAGE, publicKey, signature) },
        { name: 'decode, zlib', run: () => decode(zlib, options) },
        { name: 'decode, brotli', run: () => decode(brotli, options) },
      ],
    },
    {
      name: `claim169 encode and sign, ${algorithm}`,
      baseline: 'node:crypto sign',
      candidates: [
        { name: 'node:crypto sign', run: () => sign(hash, MESSAGE, privateKey) },
        {
          name: 'node:crypto sign and verify',
          run: () => verify(hash, MESSAGE, publicKey, sign(hash, MESSAGE, privateKey)),
        },
        { name: 'sign alone', run: () => signer.sign(MESSAGE) },
        { name: 'encode, zlib', run: () => encode(IDENTITY, META, { signer, compression: 'zlib' }) },
        { name: 'encode, smallest', run: () => encode(IDENTITY, META, { signer }) },
      ],
    },
  ];
}
