/**
 * Public keys, signatures and RSA decryption.
 *
 * @module
 */
import { constants, createHash, createPublicKey, type KeyObject, privateDecrypt, sign } from 'node:crypto';
import { signEcdsa } from '../signing/ecdsa.ts';
import { type RsaHash, signRsa, signRsaRaw } from '../signing/rsa.ts';
import { isPostQuantum, type Signing } from './algorithms.ts';
import { atMost } from './limits.ts';
import { bytesOf, checksum, type Int64Value, isVouchedFor } from './messages.ts';
import { refuse } from './rules.ts';
import { enabledMaterial, type Key, type Store, usable, type Version, versionOf } from './store.ts';

/** `Digest`: one of its fields. */
type Digest = { readonly [hash in RsaHash | 'externalMu']?: Uint8Array };

/** `AsymmetricSignRequest`. */
export interface SignRequest {
  readonly name?: string;
  readonly digest?: Digest | null;
  readonly digestCrc32c?: Int64Value;
  readonly data?: Uint8Array;
  readonly dataCrc32c?: Int64Value;
}

/** `AsymmetricSign`. */
export async function asymmetricSign(store: Store, request: SignRequest): Promise<object> {
  const found = await versionOf(store, request.name);
  const { facts, material } = usable(found, 'ASYMMETRIC_SIGN');
  const data = bytesOf(request.data);
  const signing = facts as Signing;
  if (request.digest && data.length > 0)
    throw refuse('digest and data', 'Only one of digest and data may be given.');
  if (!request.digest && data.length === 0)
    throw refuse('neither digest nor data', 'One of digest and data must be given.');
  const digest = request.digest ? digestFor(signing, request.digest) : undefined;
  const digestVouched = isVouchedFor('digest', bytesOf(digest), request.digestCrc32c);
  const dataVouched = isVouchedFor('data', data, request.dataCrc32c);
  const signature = digest
    ? signDigest(signing, material, digest)
    : signData(signing, material, data, found.key);
  return {
    name: found.version.name,
    signature,
    signatureCrc32c: checksum(signature),
    verifiedDigestCrc32c: digest !== undefined && digestVouched,
    verifiedDataCrc32c: digest === undefined && dataVouched,
    protectionLevel: found.key.protection,
  };
}

function digestFor(facts: Signing, given: Digest): Uint8Array {
  if (facts.kind === 'pure' || facts.kind === 'rsa-raw')
    throw refuse('digest for an algorithm that takes data', 'The algorithm takes data, not a digest.');
  const digest = given[facts.hash];
  if (digest === undefined)
    throw refuse('digest of another hash', `The digest must be produced with ${facts.hash}.`);
  const length = createHash(facts.hash).digest().length;
  if (digest.length !== length)
    throw refuse(
      'digest of another length',
      `A digest of ${facts.hash} has ${length} bytes, not ${digest.length}.`,
    );
  return digest;
}

function signDigest(facts: Signing, key: KeyObject, digest: Uint8Array): Uint8Array {
  switch (facts.kind) {
    case 'ecdsa':
      return signEcdsa(key, facts.curve, digest, 'der');
    case 'rsa':
      return signRsa(key, facts.padding, facts.hash, digest);
    default:
      throw new Error(`${facts.kind} takes no digest`);
  }
}

function signData(facts: Signing, material: KeyObject, data: Uint8Array, key: Key): Uint8Array {
  atMost(key, data);
  if (facts.kind === 'pure') return sign(null, data, material);
  if (facts.kind === 'rsa-raw') return signRsaRaw(material, paddable(facts.bits, data));
  return signDigest(facts, material, createHash(facts.hash).update(data).digest());
}

function paddable(bits: number, data: Uint8Array): Uint8Array {
  const most = bits / 8 - 11;
  if (data.length <= most) return data;
  throw refuse('larger than PKCS #1 pads', `A key of ${bits} bits signs ${most} bytes at most.`);
}

/** `GetPublicKey`. */
export async function getPublicKey(
  store: Store,
  request: { readonly name?: string; readonly publicKeyFormat?: string },
): Promise<object> {
  const { key, version } = await versionOf(store, request.name);
  const material = enabledMaterial(version);
  if (material.type !== 'private')
    throw refuse('public key of an algorithm without', `keys of ${version.algorithm} have no public key.`);
  return {
    name: version.name,
    algorithm: version.algorithm,
    protectionLevel: key.protection,
    ...formatted(version, createPublicKey(material), request.publicKeyFormat),
  };
}

function formatted({ algorithm }: Version, key: KeyObject, asked: string | undefined): object {
  const format = asked && asked !== 'PUBLIC_KEY_FORMAT_UNSPECIFIED' ? asked : undefined;
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  if (format === undefined && !isPostQuantum(algorithm))
    return { pem, pemCrc32c: checksum(Buffer.from(pem)) };
  const data = encoded(algorithm, key, format);
  return { publicKeyFormat: format, publicKey: { data, crc32cChecksum: checksum(data) } };
}

function encoded(algorithm: string, key: KeyObject, format: string | undefined): Uint8Array {
  if (isPostQuantum(algorithm) && format === 'NIST_PQC') {
    const { pub = '' } = key.export({ format: 'jwk' }) as { readonly pub?: string };
    return Buffer.from(pub, 'base64url');
  }
  if (!isPostQuantum(algorithm) && format === 'DER') return key.export({ type: 'spki', format: 'der' });
  if (!isPostQuantum(algorithm) && format === 'PEM')
    return Buffer.from(key.export({ type: 'spki', format: 'pem' }));
  throw refuse(
    'format of a public key',
    `a public key of ${algorithm} has no format ${format ?? 'by default'}.`,
  );
}

/** `AsymmetricDecrypt`. */
export async function asymmetricDecrypt(
  store: Store,
  request: {
    readonly name?: string;
    readonly ciphertext?: Uint8Array;
    readonly ciphertextCrc32c?: Int64Value;
  },
): Promise<object> {
  const found = await versionOf(store, request.name);
  const { facts, material } = usable(found, 'ASYMMETRIC_DECRYPT');
  const ciphertext = bytesOf(request.ciphertext);
  const vouched = isVouchedFor('ciphertext', ciphertext, request.ciphertextCrc32c);
  const plaintext = openOaep(material, facts.kind === 'oaep' ? facts.hash : '', ciphertext);
  return {
    plaintext,
    plaintextCrc32c: checksum(plaintext),
    verifiedCiphertextCrc32c: vouched,
    protectionLevel: found.key.protection,
  };
}

function openOaep(key: KeyObject, oaepHash: string, ciphertext: Uint8Array): Uint8Array {
  try {
    return privateDecrypt({ key, oaepHash, padding: constants.RSA_PKCS1_OAEP_PADDING }, ciphertext);
  } catch {
    // Whatever OpenSSL has against it, the service says one thing.
    throw refuse('ciphertext that does not open', 'Decryption failed: the ciphertext is invalid.');
  }
}
