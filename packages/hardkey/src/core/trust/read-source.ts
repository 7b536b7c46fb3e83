/**
 * Tells the forms of trust apart and reads them.
 *
 * @module
 */
import { fromUtf8, ownBytes } from '../../encoding/bytes.ts';
import { DerReader, derTag } from '../../encoding/der.ts';
import { decodePem, encodePem, isPem, type PemBlock } from '../../encoding/pem.ts';
import { Failure } from '../../errors.ts';
import { importPublicKey } from '../import-public-key.ts';
import type { PublicKey } from '../public-key.ts';
import { isDid, readDid } from './did.ts';
import { readCoseKeys, readJwk, readJwkSet, signatureAlgorithms } from './signing-keys.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './strict-json.ts';
import type { TrustedKey, TrustSource } from './trust.ts';

/** What one source holds: keys, and certificates of authorities. */
export type TrustEntry = TrustedKey | { readonly root: Uint8Array };

/** Reads one source. Throws `MALFORMED` for a form that is not known. */
export async function readSource(source: TrustSource): Promise<readonly TrustEntry[]> {
  if (typeof source === 'string') return readText(source);
  // A copy: what reads certificates is loaded first, and the caller's buffer may hold something else by then.
  if (source instanceof Uint8Array) return readBytes(ownBytes(source));
  if (!isJsonObject(source)) {
    throw new Failure('ARGUMENT_INVALID', 'not a form of trust', { field: 'trust' });
  }
  return isPublicKey(source) ? [plainKey(source)] : readObject(source);
}

async function readText(text: string): Promise<readonly TrustEntry[]> {
  if (isPem(text)) return (await Promise.all(decodePem(text, 'trust').map(readPemBlock))).flat();
  const trimmed = text.trim();
  if (/^(ed25519|p256):/.test(trimmed)) return [plainKey(await importPublicKey(trimmed))];
  if (isDid(trimmed)) return [await readDid(trimmed)];
  return readObject(parseJsonObject(text, 'trust'));
}

async function readPemBlock({ label, bytes }: PemBlock, index: number): Promise<readonly TrustEntry[]> {
  if (label === 'CERTIFICATE' || label === 'X509 CERTIFICATE') {
    return readCertificate(bytes, `trust.${index}`);
  }
  if (label === 'PUBLIC KEY' || label === 'RSA PUBLIC KEY') {
    return [plainKey(await importPublicKey(encodePem(label, bytes)))];
  }
  // A private key has no place in a file that says what is trusted.
  throw new Failure('MALFORMED', 'neither a public key nor a certificate', { field: `trust.${index}` });
}

async function readBytes(bytes: Uint8Array): Promise<readonly TrustEntry[]> {
  const [first = 0] = bytes;
  if (first === derTag.sequence) return readDer(bytes);
  // RFC 8949 §3.1: major types 4 and 5. No text begins with such a byte.
  if (first >= 0x80 && first < 0xc0) return readCoseKeys(bytes);
  // RFC 8259 §8.1: readers may pass over the byte order mark that some editors write.
  return readText(fromUtf8(bytes, 'trust').replace(/^\uFEFF/, ''));
}

/** SubjectPublicKeyInfo begins with an algorithm, a certificate with its signed part. */
async function readDer(bytes: Uint8Array): Promise<readonly TrustEntry[]> {
  const { tag } = new DerReader(bytes, 'trust').enter().enter();
  return tag === derTag.oid ? [plainKey(await importPublicKey(bytes))] : readCertificate(bytes, 'trust');
}

async function readObject(object: JsonObject): Promise<readonly TrustEntry[]> {
  const { keys, kty } = object;
  if (Array.isArray(keys)) return readJwkSet(keys);
  // A registry may have a key named kty: its value is hexadecimal, which no key type is.
  if (typeof kty === 'string' && kty.length < 64) return [await readJwk(object)];
  // The registry of another protocol: a browser that reads credentials seldom meets it.
  const { readTrustedKeys } = await import('./trusted-keys-json.ts');
  return readTrustedKeys(object);
}

async function readCertificate(bytes: Uint8Array, field: string): Promise<readonly TrustEntry[]> {
  // Few trusts hold certificates: browsers load what reads them with the first one.
  const { readTrustedCertificate } = await import('./read-certificate.ts');
  return readTrustedCertificate(bytes, field);
}

function plainKey(publicKey: PublicKey): TrustedKey {
  return { publicKey, algorithms: signatureAlgorithms(publicKey) };
}

function isPublicKey(source: object): source is PublicKey {
  return 'thumbprint' in source && 'toJwk' in source && typeof source.toJwk === 'function';
}
