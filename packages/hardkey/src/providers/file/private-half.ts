/**
 * The private half of a key, to disk and back.
 *
 * @module
 */
import { exportKey, importPrivate, importSecret } from '#software';
import { algorithm } from '../../core/algorithms.ts';
import type { SoftwareKey } from '../../core/software/types.ts';
import { decodeBase64, decodeBase64url, encodeBase64url } from '../../encoding/base64.ts';
import { equalBytes, utf8 } from '../../encoding/bytes.ts';
import { encodePem, isEncryptedPem } from '../../encoding/pem.ts';
import { Failure, isFailure } from '../../errors.ts';
import { publish, readPrivate } from './disk.ts';
import { decodeJwk, decryptJwk, encodeJwk, encryptJwk } from './encrypted-jwk.ts';
import { type Derivation, encryptPkcs8 } from './pbes2.ts';
import type { KeyRecord, VersionRecord } from './record.ts';

/** More than the largest key takes, in bytes. */
const LIMIT = 256 * 1024;

/** Encrypts a private half. What is returned writes it to a path where nothing is yet. */
export async function prepareHalf(
  key: SoftwareKey,
  id: string,
  passphrase: Uint8Array | undefined,
  derivation: Derivation,
): Promise<(path: string) => void> {
  const bytes = await exportKey(key);
  try {
    const contents = await protect(bytes, key.spki === undefined, id, passphrase, derivation);
    return (path) => publish(path, contents, 'create');
  } finally {
    bytes.fill(0);
  }
}

/**
 * Reads the private half of a version under the passphrase of the store. `VERIFICATION_FAILED`, check
 * `store.private-half`, when it is missing, or is not the key that the record names, kept as the record
 * says: what a damaged file holds cannot be told from a file that was put there.
 */
export async function readHalf(
  path: string,
  version: VersionRecord,
  { algorithms }: KeyRecord,
  passphrase: Uint8Array | undefined,
): Promise<SoftwareKey> {
  const contents = readPrivate(path, LIMIT);
  if (contents === undefined) throw changedHalf('the private half is missing', path);
  try {
    const key =
      version.spki === undefined
        ? await readSymmetric(contents, version.id, passphrase)
        : await readAsymmetric(contents, version.spki, passphrase);
    if (key !== undefined && (key.bits === undefined || fits(key.bits, algorithms))) return key;
  } catch (cause) {
    if (!isFailure(cause) || cause.code === 'UNSUPPORTED') throw cause;
    throw changedHalf('the private half cannot be opened', path, cause);
  }
  throw changedHalf('the private half is not the one of the record', path);
}

async function protect(
  bytes: Uint8Array,
  symmetric: boolean,
  id: string,
  passphrase: Uint8Array | undefined,
  derivation: Derivation,
): Promise<Uint8Array> {
  if (!symmetric) {
    if (passphrase === undefined) return utf8(encodePem('PRIVATE KEY', bytes));
    return encryptPkcs8(bytes, passphrase, derivation);
  }
  // The id ties the key to its version, as the public half does for others.
  const jwk = { kid: id, k: encodeBase64url(bytes) };
  return passphrase === undefined ? encodeJwk(jwk) : encryptJwk(jwk, passphrase);
}

/** The key, or undefined when it is another, or not encrypted as the others of its store are. */
async function readAsymmetric(
  contents: Uint8Array,
  spki: string,
  passphrase: Uint8Array | undefined,
): Promise<SoftwareKey | undefined> {
  const encrypted = isEncryptedPem(new TextDecoder('latin1').decode(contents));
  if (encrypted !== (passphrase !== undefined)) return undefined;
  const key = await importPrivate(contents, passphrase);
  return key.spki !== undefined && equalBytes(key.spki, decodeBase64(spki)) ? key : undefined;
}

async function readSymmetric(
  contents: Uint8Array,
  id: string,
  passphrase: Uint8Array | undefined,
): Promise<SoftwareKey | undefined> {
  const { kid, k } = passphrase === undefined ? decodeJwk(contents) : await decryptJwk(contents, passphrase);
  if (kid !== id) return undefined;
  const bytes = decodeBase64url(k, 'jwk.k');
  try {
    return await importSecret(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** HMAC keys may be longer than their hash. */
function fits(bits: number, names: KeyRecord['algorithms']): boolean {
  return names
    .map(algorithm)
    .every(({ operation, keyBits = 0 }) => (operation === 'mac' ? bits >= keyBits : bits === keyBits));
}

function changedHalf(message: string, path: string, cause?: unknown): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', message, { check: 'store.private-half', path }, cause);
}
