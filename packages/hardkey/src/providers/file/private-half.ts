/**
 * The private half of a key, to disk and back.
 *
 * @module
 */
import { exportKey, importPrivate, importSecret } from '#software';
import type { Secret } from '../../core/secret.ts';
import type { SoftwareKey } from '../../core/software/types.ts';
import { decodeBase64url, encodeBase64url } from '../../encoding/base64.ts';
import { equalBytes, fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { encodePem } from '../../encoding/pem.ts';
import { Failure } from '../../errors.ts';
import { publish, readPrivate } from './disk.ts';
import { decryptJwk, encryptJwk, type SecretJwk } from './encrypted-jwk.ts';
import { encryptPkcs8 } from './pbes2.ts';

/** Writes a private half, which must not be there yet. `kid` ties a symmetric key to its label and version. */
export async function writePrivateHalf(
  path: string,
  key: SoftwareKey,
  kid: string,
  passphrase: Secret | undefined,
): Promise<() => void> {
  const bytes = await exportKey(key);
  try {
    const contents = await protect(bytes, key.spki === undefined, kid, passphrase);
    return () => publish(path, contents, 'create');
  } finally {
    bytes.fill(0);
  }
}

/**
 * Reads a private half. `DENIED` when the passphrase is wrong, `VERIFICATION_FAILED` when it is not the
 * key that the record names.
 */
export async function readPrivateHalf(
  path: string,
  spki: Uint8Array | undefined,
  kid: string,
  passphrase: Secret | undefined,
): Promise<SoftwareKey> {
  const contents = readPrivate(path);
  if (contents === undefined) throw new Failure('UNAVAILABLE', 'the private half is missing', { path });
  if (spki === undefined) return readSymmetric(contents, kid, passphrase, path);
  const key = await (passphrase === undefined
    ? importPrivate(contents)
    : passphrase.use((bytes) => importPrivate(contents, bytes)));
  if (key.spki !== undefined && equalBytes(key.spki, spki)) return key;
  throw swapped(path);
}

async function protect(
  bytes: Uint8Array,
  symmetric: boolean,
  kid: string,
  passphrase: Secret | undefined,
): Promise<Uint8Array> {
  if (!symmetric) {
    if (passphrase === undefined) return utf8(encodePem('PRIVATE KEY', bytes));
    return passphrase.use((secret) => encryptPkcs8(bytes, secret));
  }
  const jwk: SecretJwk = { kty: 'oct', kid, k: encodeBase64url(bytes) };
  if (passphrase === undefined) return utf8(JSON.stringify(jwk));
  return passphrase.use((secret) => encryptJwk(jwk, secret));
}

async function readSymmetric(
  contents: Uint8Array,
  kid: string,
  passphrase: Secret | undefined,
  path: string,
): Promise<SoftwareKey> {
  const jwk =
    passphrase === undefined
      ? (JSON.parse(fromUtf8(contents)) as SecretJwk)
      : await passphrase.use((secret) => decryptJwk(contents, secret));
  if (jwk.kid !== kid) throw swapped(path);
  return importSecret(decodeBase64url(jwk.k, 'store'));
}

function swapped(path: string): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', 'the private half is not the one of the record', {
    check: 'store.private-half',
    path,
  });
}
