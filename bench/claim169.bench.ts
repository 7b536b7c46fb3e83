/**
 * Claim 169 from text to verified identity, and back, against nothing but the signature, with a cached
 * key, of the library that hardkey asks: node:crypto, and libsodium for Ed25519. Beside it the Python
 * package that most issuers use, and what others do of the COSE part alone.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';
import { createKeys, createTrust } from 'hardkey';
import { decode, decodeBase45, encode, type Identity } from 'hardkey/formats/claim169';
import { openSign1, signSign1 } from 'hardkey/formats/cose';
import { memory } from 'hardkey/providers/memory';
import { exportPrivateKey } from 'hardkey/unsafe';
import { signers, verifiers } from './cose-peers.ts';
import { pythonPeer } from './python-peer.ts';
import type { Candidate, Question } from './runner.ts';

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
/** The same in the names of the Python package. */
const PYTHON_META = { issuer: META.issuer, subject: META.subject, expires_at: META.expiresAt };
/** As long as the Sig_structure of the credential. */
const MESSAGE = new Uint8Array(330).fill(7);

interface Raw {
  /** Whose signatures hardkey verifies with on this machine. */
  readonly library: string;
  readonly sign: () => Uint8Array;
  readonly verify: () => boolean;
}

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const asked = (['ES256', 'Ed25519'] as const).map(of);
  return (await Promise.all(asked)).flat();
}

async function of(algorithm: 'ES256' | 'Ed25519'): Promise<readonly Question[]> {
  const keys = createKeys([memory()]);
  const key = await keys.create(`memory:${algorithm}`, { algorithm });
  const signer = key.use(algorithm);
  const privateKey = (await exportPrivateKey(key)).use((bytes) =>
    createPrivateKey({ key: Buffer.from(bytes), format: 'der', type: 'pkcs8' }),
  );
  const publicKey = createPublicKey(privateKey);
  const raw = rawOf(algorithm, privateKey, publicKey);
  const trust = await createTrust(signer.publicKey);
  const { text } = await encode(IDENTITY, META, { signer, compression: 'zlib' });
  const brotli = (await encode(IDENTITY, META, { signer, compression: 'brotli' })).text;
  const cose = Uint8Array.from(inflateSync(decodeBase45(text)));
  const python = pythonPeer();
  const asked = { decode: { text, public: pointOf(publicKey) }, encode: { private: scalarOf(privateKey) } };
  const decoding: readonly Candidate[] = [
    { name: `${raw.library} verify`, run: raw.verify },
    { name: 'decode, zlib', run: () => decode(text, { trust }) },
    { name: 'decode, brotli', run: () => decode(brotli, { trust }) },
    { name: 'decode, nothing verified', run: () => decode(text, { allowUnsigned: true }) },
  ];
  const encoding: readonly Candidate[] = [
    { name: 'raw sign and verify', run: () => raw.sign() && raw.verify() },
    { name: 'sign alone', run: () => signer.sign(MESSAGE) },
    { name: 'encode, fast', run: () => encode(IDENTITY, META, { signer, compression: 'fast' }) },
    { name: 'encode, smallest', run: () => encode(IDENTITY, META, { signer }) },
  ];
  const claim = snakeCase(IDENTITY);
  return [
    {
      name: `claim169 decode and verify, ${algorithm}`,
      baseline: `${raw.library} verify`,
      candidates: [
        ...decoding,
        ...(python === undefined
          ? []
          : [
              {
                name: 'Python claim169 decode',
                time: (calls: number) => python.time({ op: 'decode', ...asked.decode }, calls),
              },
            ]),
      ],
    },
    {
      name: `claim169 encode and sign, ${algorithm}`,
      baseline: 'raw sign and verify',
      candidates: [
        ...encoding,
        ...(python === undefined
          ? []
          : [
              {
                name: 'Python claim169 encode',
                time: (calls: number) =>
                  python.time({ op: 'encode', claim, meta: PYTHON_META, algorithm, ...asked.encode }, calls),
              },
            ]),
      ],
      close: () => python?.close(),
    },
    {
      name: `the COSE_Sign1 alone, ${algorithm}: verify`,
      baseline: `${raw.library} verify`,
      candidates: [
        { name: `${raw.library} verify`, run: raw.verify },
        { name: 'openSign1', run: () => openSign1(cose, { trust }) },
        ...verifiers(cose, publicKey),
      ],
    },
    {
      name: `the COSE_Sign1 alone, ${algorithm}: sign`,
      baseline: 'raw sign and verify',
      candidates: [
        { name: 'raw sign and verify', run: () => raw.sign() && raw.verify() },
        { name: 'signSign1, verified before release', run: () => signSign1(MESSAGE, { signer }) },
        ...signers(MESSAGE, privateKey),
      ],
    },
  ];
}

/** libsodium's verification where it is installed, as hardkey has it. */
function rawOf(algorithm: 'ES256' | 'Ed25519', privateKey: KeyObject, publicKey: KeyObject): Raw {
  const hash = algorithm === 'ES256' ? 'sha256' : null;
  const signature = sign(hash, MESSAGE, privateKey);
  const own = { sign: () => sign(hash, MESSAGE, privateKey) };
  const native = algorithm === 'Ed25519' ? sodium() : undefined;
  if (native === undefined) {
    return { ...own, library: 'node:crypto', verify: () => verify(hash, MESSAGE, publicKey, signature) };
  }
  const raw = Buffer.from(pointOf(publicKey), 'hex');
  const message = Buffer.from(MESSAGE);
  const isGenuine = (): boolean => native.crypto_sign_verify_detached(signature, message, raw);
  return { ...own, library: 'libsodium', verify: isGenuine };
}

interface Sodium {
  crypto_sign_verify_detached(signature: Buffer, message: Buffer, publicKey: Buffer): boolean;
}

function sodium(): Sodium | undefined {
  try {
    return createRequire(import.meta.url)('sodium-native') as Sodium;
  } catch {
    return undefined;
  }
}

/** The public key as the Python package wants it: raw, or a point of SEC1. */
function pointOf(publicKey: KeyObject): string {
  const { x = '', y } = publicKey.export({ format: 'jwk' });
  const hex = (part: string): string => Buffer.from(part, 'base64url').toString('hex');
  return y === undefined ? hex(x) : `04${hex(x)}${hex(y)}`;
}

function scalarOf(privateKey: KeyObject): string {
  return Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url').toString('hex');
}

/** The identity as the Python package takes it, which cannot write one of the fields. */
function snakeCase({ bestQualityFingers: _unwritten, ...identity }: Identity): object {
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(identity).map(([name, value]) => [snake(name), value]));
}
