/**
 * RSA over a digest: node:crypto signs messages only, and services sign digests. The padding of PSS is a
 * library's; the private operation is node:crypto's. And the old padding of encryption.
 *
 * @module
 */
import { constants, createPublicKey, type KeyObject, privateEncrypt, publicDecrypt } from 'node:crypto';
import forge from 'node-forge';

/** The hashes of the services. */
export type RsaHash = 'sha256' | 'sha384' | 'sha512';

/** The paddings of RSA signatures. */
export type RsaPadding = 'pkcs1' | 'pss';

// RFC 8017 §9.2 note 1: what stands before a digest in the DER of DigestInfo.
const DIGEST_INFO: Readonly<Record<RsaHash, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

const SALT_LENGTH: Readonly<Record<RsaHash, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/** Signs a digest; PSS takes a salt as long as the hash. */
export function signRsa(key: KeyObject, padding: RsaPadding, hash: RsaHash, digest: Uint8Array): Uint8Array {
  if (padding === 'pkcs1') return signRsaRaw(key, digestInfo(hash, digest));
  const encoded = Buffer.from(pss(hash).encode(digestOf(digest), modulusLength(key)), 'binary');
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

/** Signs bytes with the padding of PKCS #1 and no DigestInfo. */
export function signRsaRaw(key: KeyObject, bytes: Uint8Array): Uint8Array {
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, bytes);
}

/** Whether a signature is over the digest. */
export function verifyRsa(
  key: KeyObject,
  padding: RsaPadding,
  hash: RsaHash,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const publicKey = key.type === 'public' ? key : createPublicKey(key);
  try {
    if (padding === 'pkcs1') {
      const opened = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature);
      return opened.equals(digestInfo(hash, digest));
    }
    const encoded = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, signature);
    const text = encoded.toString('binary');
    return pss(hash).verify(Buffer.from(digest).toString('binary'), text, modulusLength(publicKey));
  } catch {
    // Both libraries throw on a signature that is none.
    return false;
  }
}

/**
 * Opens what was encrypted with the padding of PKCS #1, which throws when it does not open. node:crypto refuses that
 * padding where its OpenSSL is older than 3.2, and answers random bytes where it is newer.
 */
export function openRsaPkcs1(key: KeyObject, ciphertext: Uint8Array): Buffer {
  const privateKey = forge.pki.privateKeyFromPem(key.export({ type: 'pkcs1', format: 'pem' }).toString());
  const opened = privateKey.decrypt(Buffer.from(ciphertext).toString('binary'), 'RSAES-PKCS1-V1_5');
  return Buffer.from(opened, 'binary');
}

function digestInfo(hash: RsaHash, digest: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(DIGEST_INFO[hash], 'hex'), digest]);
}

/** The slice of PSS that is called. It takes a hash that has been fed, of which it asks only the digest. */
interface Pss {
  encode(digest: { digest(): { getBytes(): string } }, bits: number): string;
  verify(digest: string, encoded: string, bits: number): boolean;
}

function pss(hash: RsaHash): Pss {
  const { md, mgf } = forge;
  const create = () => (hash === 'sha256' ? md.sha256 : hash === 'sha384' ? md.sha384 : md.sha512).create();
  // The types of the library know neither the options of 1.0 nor what encode takes.
  const library = forge as unknown as { readonly pss: { create(options: object): Pss } };
  return library.pss.create({
    md: create(),
    mgf: mgf.mgf1.create(create()),
    saltLength: SALT_LENGTH[hash],
  });
}

function digestOf(digest: Uint8Array) {
  return { digest: () => ({ getBytes: () => Buffer.from(digest).toString('binary') }) };
}

function modulusLength(key: KeyObject): number {
  return key.asymmetricKeyDetails?.modulusLength ?? 0;
}
