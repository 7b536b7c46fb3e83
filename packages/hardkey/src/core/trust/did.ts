/**
 * Keys named by a DID that holds them: `did:key` and `did:jwk`. Nothing is resolved over a network.
 *
 * A DID is trusted because the caller gave it. One that stands in a document, as its issuer or its
 * `kid`, only selects among the keys the caller gave.
 *
 * @module
 */
import { decodeBase58 } from '../../encoding/base58.ts';
import { decodeBase64url } from '../../encoding/base64.ts';
import { fromUtf8 } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import type { Curve } from '../algorithms.ts';
import { publicKeyOf } from '../import-public-key.ts';
import type { KeyParts } from '../spki.ts';
import { didOf } from './did-url.ts';
import { readJwk, signatureAlgorithms } from './signing-keys.ts';
import { parseJsonObject } from './strict-json.ts';
import type { TrustedKey } from './trust.ts';

/** Whether text is a DID, of whatever method. */
export function isDid(text: string): boolean {
  return /^did:[a-z0-9]+:/.test(text);
}

/**
 * Reads a DID. The key's name is the DID without its fragment, which can only be that one key's. Throws
 * `UNSUPPORTED` for a method that holds no key, and `MALFORMED`, field `did`.
 */
export async function readDid(text: string): Promise<TrustedKey> {
  const keyId = didOf(text);
  if (keyId?.startsWith('did:key:')) return readDidKey(keyId);
  if (keyId?.startsWith('did:jwk:')) return readDidJwk(keyId);
  throw new Failure('UNSUPPORTED', 'the DID is of another method than key and jwk', { field: 'did' });
}

/** Codes of the multicodec registry, as the varints that stand before a key. */
const CODECS: readonly (readonly [prefix: number, keyType: 'OKP' | 'EC' | 'RSA', curve?: Curve])[] = [
  [0xed01, 'OKP', 'Ed25519'],
  [0xec01, 'OKP', 'X25519'],
  [0x8024, 'EC', 'P-256'],
  [0x8124, 'EC', 'P-384'],
  [0x8224, 'EC', 'P-521'],
  [0xe701, 'EC', 'secp256k1'],
  [0x8324, 'OKP', 'Ed448'],
  [0x8524, 'RSA'],
];

async function readDidKey(did: string): Promise<TrustedKey> {
  const text = did.slice('did:key:'.length);
  // Multibase: the method knows base58 alone.
  if (!text.startsWith('z')) throw malformed('the key is not in base58');
  const bytes = decodeBase58(text.slice(1), 'did');
  const [first = 0, second = 0] = bytes;
  const codec = CODECS.find(([prefix]) => prefix === first * 256 + second);
  if (codec === undefined) throw new Failure('UNSUPPORTED', 'a key of another kind', { field: 'did' });
  const [, keyType, curve] = codec;
  const parts: KeyParts = { keyType, raw: bytes.subarray(2), ...(curve && { curve }) };
  const publicKey = await publicKeyOf(parts);
  return { publicKey, keyId: did, algorithms: signatureAlgorithms(publicKey) };
}

async function readDidJwk(did: string): Promise<TrustedKey> {
  const bytes = decodeBase64url(did.slice('did:jwk:'.length), 'did');
  return { ...(await readJwk(parseJsonObject(fromUtf8(bytes, 'did'), 'did'))), keyId: did };
}

function malformed(message: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: 'did' });
}
