/**
 * Private-key operations of node:crypto.
 *
 * @module
 */
import type { KeyObject } from 'node:crypto';
import { concat } from '../../encoding/bytes.ts';
import { DerReader, derTag } from '../../encoding/der.ts';
import { ecdsaFromDer } from '../../encoding/ecdsa.ts';
import { Failure } from '../../errors.ts';
import type { AlgorithmFacts } from '../algorithms.ts';
import { digestInfo } from '../crypto/digest-info.ts';
import { isEcdsa, signEcdsaDigest } from '../crypto/noble.ts';
import { runtime } from '../crypto/node.ts';
import { decryptionFailed } from '../decryption-failed.ts';
import { unsupported } from './failures.ts';
import { readPrivate } from './read-private.ts';
import type { GenerateOptions, RuntimeSoftware, SoftwareKey } from './types.ts';

// As in ../crypto/node.ts.
const {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPair,
  hkdfSync,
  privateDecrypt,
  privateEncrypt,
  publicEncrypt,
  randomFillSync,
  sign: signNative,
  timingSafeEqual,
} = process.getBuiltinModule('node:crypto');
const { promisify } = process.getBuiltinModule('node:util');

const NODE_HASH = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' } as const;
const NODE_CURVE: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
  secp256k1: 'secp256k1',
};
const TAG_LENGTH = 16;
// RFC 3394 §2.2.3.1: the default initial value.
const KEY_WRAP_IV = Uint8Array.from({ length: 8 }, () => 0xa6);
// RFC 5649 §3: the constant half of the alternative one; OpenSSL adds the length.
const PADDED_WRAP_IV = Uint8Array.of(0xa6, 0x59, 0x59, 0xa6);

const natives = new WeakMap<SoftwareKey, KeyObject>();
const generatePair = promisify(generateKeyPair) as (
  type: string,
  options: object,
) => Promise<{ privateKey: KeyObject }>;

/** See {@link RuntimeSoftware.generate}. */
export const generate: RuntimeSoftware['generate'] = async (facts, options) => {
  if (facts.keyType === 'oct')
    return held(createSecretKey(randomFillSync(new Uint8Array((facts.keyBits ?? 0) / 8))));
  const [type, parameters] = nativeType(facts, options);
  try {
    return held((await generatePair(type, parameters)).privateKey);
  } catch (cause) {
    if (facts.keyType === 'AKP') throw unsupported(runtime, facts.name, cause);
    throw cause;
  }
};

/** See {@link RuntimeSoftware.importPrivate}. */
export const importPrivate: RuntimeSoftware['importPrivate'] = async (material, passphrase) =>
  held(readPrivate(material, passphrase));

/** See {@link RuntimeSoftware.importSecret}. */
export const importSecret: RuntimeSoftware['importSecret'] = async (bytes) => held(createSecretKey(bytes));

/** See {@link RuntimeSoftware.exportKey}. */
export const exportKey: RuntimeSoftware['exportKey'] = async (key) => {
  const object = native(key);
  if (object.type === 'secret') return new Uint8Array(object.export());
  return new Uint8Array(object.export({ format: 'der', type: 'pkcs8' }));
};

/** See {@link RuntimeSoftware.sign}. */
export const sign: RuntimeSoftware['sign'] = (key, facts, message) => {
  const hash = facts.hash === undefined ? null : NODE_HASH[facts.hash];
  const signature = signNative(hash, message, facts.pss ? pss(native(key)) : native(key));
  if (facts.keyType !== 'EC') return new Uint8Array(signature);
  return ecdsaFromDer(signature, facts.signatureLength ?? 0);
};

/** See {@link RuntimeSoftware.signsDigests}. */
export const signsDigests: RuntimeSoftware['signsDigests'] = (facts) =>
  isEcdsa(facts) || (facts.keyType === 'RSA' && facts.pss === undefined && facts.hash !== undefined);

/** See {@link RuntimeSoftware.signDigest}. */
export const signDigest: RuntimeSoftware['signDigest'] = (key, facts, digest) => {
  if (isEcdsa(facts)) return signWithScalar(native(key), facts, digest);
  if (!signsDigests(facts) || facts.hash === undefined) {
    throw unsupported(runtime, `${facts.name} over a digest`);
  }
  const padded = { key: native(key), padding: constants.RSA_PKCS1_PADDING };
  return new Uint8Array(privateEncrypt(padded, digestInfo(facts.hash, digest)));
};

/** RFC 5958 §2 and RFC 5915 §3: the scalar of an EC key is as wide as its curve. */
async function signWithScalar(
  key: KeyObject,
  facts: AlgorithmFacts,
  digest: Uint8Array,
): Promise<Uint8Array> {
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
  try {
    const outer = new DerReader(pkcs8, 'privateKey').enter();
    outer.unsigned();
    outer.read(derTag.sequence);
    const inner = new DerReader(outer.read(derTag.octetString), 'privateKey').enter();
    inner.unsigned();
    return await signEcdsaDigest(facts, inner.read(derTag.octetString), digest);
  } finally {
    pkcs8.fill(0);
  }
}

/** See {@link RuntimeSoftware.encrypt}. */
export const encrypt: RuntimeSoftware['encrypt'] = (key, facts, nonce, plaintext, aad) => {
  const cipher = createCipheriv(aeadName(facts), native(key), nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(aad, { plaintextLength: plaintext.length });
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
};

/** See {@link RuntimeSoftware.decrypt}. */
export const decrypt: RuntimeSoftware['decrypt'] = (key, facts, { nonce, ciphertext }, aad) => {
  try {
    const end = ciphertext.length - TAG_LENGTH;
    const decipher = createDecipheriv(aeadName(facts), native(key), nonce, { authTagLength: TAG_LENGTH });
    decipher.setAuthTag(ciphertext.subarray(end));
    decipher.setAAD(aad, { plaintextLength: end });
    return concat(decipher.update(ciphertext.subarray(0, end)), decipher.final());
  } catch {
    throw decryptionFailed(facts.name);
  }
};

/** See {@link RuntimeSoftware.wrap}. */
export const wrap: RuntimeSoftware['wrap'] = (key, facts, contentKey) => {
  if (facts.keyType === 'RSA')
    return new Uint8Array(publicEncrypt(oaep(createPublicKey(native(key))), contentKey));
  const cipher = createCipheriv(keyWrapName(facts), native(key), keyWrapIv(facts));
  return concat(cipher.update(contentKey), cipher.final());
};

/** See {@link RuntimeSoftware.unwrap}. */
export const unwrap: RuntimeSoftware['unwrap'] = (key, facts, wrapped) => {
  try {
    if (facts.keyType === 'RSA') return new Uint8Array(privateDecrypt(oaep(native(key)), wrapped));
    const decipher = createDecipheriv(keyWrapName(facts), native(key), keyWrapIv(facts));
    return concat(decipher.update(wrapped), decipher.final());
  } catch {
    throw decryptionFailed(facts.name);
  }
};

/** See {@link RuntimeSoftware.mac}. */
export const mac: RuntimeSoftware['mac'] = (key, facts, message) =>
  new Uint8Array(
    createHmac(NODE_HASH[facts.hash ?? 'SHA-256'], native(key))
      .update(message)
      .digest(),
  );

/** See {@link RuntimeSoftware.verifyMac}. */
export const verifyMac: RuntimeSoftware['verifyMac'] = async (key, facts, message, code) => {
  const right = await mac(key, facts, message);
  return right.length === code.length && timingSafeEqual(right, code);
};

/** See {@link RuntimeSoftware.agree}. */
export const agree: RuntimeSoftware['agree'] = (key, peer) => {
  const publicKey = createPublicKey({ key: peer.spki as Buffer, format: 'der', type: 'spki' });
  try {
    // OpenSSL refuses a shared secret of zeros (RFC 7748 §6).
    return new Uint8Array(diffieHellman({ privateKey: native(key), publicKey }));
  } catch {
    throw new Failure('ARGUMENT_INVALID', 'no secret can be agreed on with this key', { field: 'peer' });
  }
};

/** See {@link RuntimeSoftware.hkdf}. */
export const hkdf: RuntimeSoftware['hkdf'] = (secret, salt, info, length) =>
  new Uint8Array(hkdfSync('sha256', secret, salt, info, length));

function held(object: KeyObject): SoftwareKey {
  const bits = object.type === 'secret' ? { bits: (object.symmetricKeySize ?? 0) * 8 } : {};
  const spki =
    object.type === 'secret'
      ? {}
      : { spki: new Uint8Array(createPublicKey(object).export({ format: 'der', type: 'spki' })) };
  const key: SoftwareKey = Object.freeze({ ...bits, ...spki });
  natives.set(key, object);
  return key;
}

function native(key: SoftwareKey): KeyObject {
  const object = natives.get(key);
  if (object === undefined)
    throw new Failure('ARGUMENT_INVALID', 'not a key of this runtime', { field: 'key' });
  return object;
}

function nativeType(facts: AlgorithmFacts, { bits = 3072, curve }: GenerateOptions): [string, object] {
  if (facts.keyType === 'RSA') return ['rsa', { modulusLength: bits, publicExponent: 0x10001 }];
  if (facts.keyType === 'AKP') return [facts.name.toLowerCase(), {}];
  const wanted = facts.operation === 'agree' ? (curve ?? 'P-256') : (facts.curves[0] ?? '');
  const namedCurve = NODE_CURVE[wanted];
  return namedCurve === undefined ? [wanted.toLowerCase(), {}] : ['ec', { namedCurve }];
}

function pss(key: KeyObject): { key: KeyObject; padding: number; saltLength: number } {
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}

function oaep(key: KeyObject): { key: KeyObject; padding: number; oaepHash: string } {
  // RFC 8230 §3: SHA-256 for the label and for MGF1, and an empty label.
  return { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
}

function aeadName({ name, keyBits }: AlgorithmFacts): 'aes-256-gcm' {
  // One type stands for all: Node.js declares a signature for each name it knows.
  return (name === 'ChaCha20-Poly1305' ? 'chacha20-poly1305' : `aes-${keyBits}-gcm`) as 'aes-256-gcm';
}

function keyWrapName({ keyBits, padded }: AlgorithmFacts): string {
  return `id-aes${keyBits}-wrap${padded ? '-pad' : ''}`;
}

function keyWrapIv({ padded }: AlgorithmFacts): Uint8Array {
  return padded ? PADDED_WRAP_IV : KEY_WRAP_IV;
}
