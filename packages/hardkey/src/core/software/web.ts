/**
 * Private-key operations of WebCrypto, for browsers and other runtimes.
 *
 * @module
 */
import { ownBytes } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import { type AlgorithmFacts, type Curve, hashLength } from '../algorithms.ts';
import { runtime, wrapToSpki } from '../crypto/web.ts';
import { decryptionFailed } from '../decryption-failed.ts';
import { unsupported } from './failures.ts';
import type { RuntimeSoftware, SoftwareKey } from './types.ts';

/** A PKCS #8 or raw key. WebCrypto binds a key to one algorithm, so it is imported for each on first use. */
interface Material {
  readonly format: 'pkcs8' | 'raw';
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly imported: Map<string, Promise<CryptoKey>>;
}

const materials = new WeakMap<SoftwareKey, Material>();

/** See {@link RuntimeSoftware.generate}. */
export const generate: RuntimeSoftware['generate'] = async (facts, { bits = 3072, curve = 'P-256' }) => {
  if (facts.keyType === 'oct') {
    return heldSecret(crypto.getRandomValues(new Uint8Array((facts.keyBits ?? 0) / 8)));
  }
  const agreed = facts.operation === 'agree' ? agreementParameters(curve) : parametersOf(facts);
  const parameters = { ...agreed, modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1) };
  const pair = await available(facts.name, () =>
    crypto.subtle.generateKey(parameters, true, usagesOf(facts)),
  );
  if (!('privateKey' in pair)) throw unsupported(runtime, facts.name);
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey));
  return held({ spki }, 'pkcs8', new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey)));
};

/** See {@link RuntimeSoftware.importPrivate}. WebCrypto does not give the public half of a PKCS #8 key. */
export const importPrivate: RuntimeSoftware['importPrivate'] = async () => {
  throw unsupported(runtime, 'way to import private keys');
};

/** See {@link RuntimeSoftware.importSecret}. */
export const importSecret: RuntimeSoftware['importSecret'] = async (bytes) => heldSecret(ownBytes(bytes));

/** See {@link RuntimeSoftware.exportKey}. */
export const exportKey: RuntimeSoftware['exportKey'] = async (key) => ownBytes(material(key).bytes);

/** See {@link RuntimeSoftware.sign}. */
export const sign: RuntimeSoftware['sign'] = async (key, facts, message) => {
  const parameters = { ...parametersOf(facts), saltLength: hashLength(facts.hash ?? 'SHA-256') };
  return result(crypto.subtle.sign(parameters, await native(key, facts), ownBytes(message)));
};

/** See {@link RuntimeSoftware.signsDigests}. WebCrypto signs messages only. */
export const signsDigests: RuntimeSoftware['signsDigests'] = () => false;

/** See {@link RuntimeSoftware.signDigest}. */
export const signDigest: RuntimeSoftware['signDigest'] = async (_key, facts) => {
  throw unsupported(runtime, `${facts.name} over a digest`);
};

/** See {@link RuntimeSoftware.encrypt}. */
export const encrypt: RuntimeSoftware['encrypt'] = async (key, facts, nonce, plaintext, aad) => {
  const parameters = { name: 'AES-GCM', iv: ownBytes(nonce), additionalData: ownBytes(aad) };
  return result(crypto.subtle.encrypt(parameters, await native(key, facts), ownBytes(plaintext)));
};

/** See {@link RuntimeSoftware.decrypt}. */
export const decrypt: RuntimeSoftware['decrypt'] = async (key, facts, { nonce, ciphertext }, aad) => {
  const parameters = { name: 'AES-GCM', iv: ownBytes(nonce), additionalData: ownBytes(aad) };
  const used = await native(key, facts);
  return opened(facts, () => crypto.subtle.decrypt(parameters, used, ownBytes(ciphertext)));
};

/** See {@link RuntimeSoftware.wrap}. */
export const wrap: RuntimeSoftware['wrap'] = async (key, facts, contentKey) => {
  if (facts.keyType === 'RSA') return wrapToSpki(key.spki ?? new Uint8Array(), contentKey);
  const carrier = await carrierKey(contentKey);
  return result(crypto.subtle.wrapKey('raw', carrier, await native(key, facts), 'AES-KW'));
};

/** See {@link RuntimeSoftware.unwrap}. */
export const unwrap: RuntimeSoftware['unwrap'] = async (key, facts, wrapped) => {
  const used = await native(key, facts);
  if (facts.keyType === 'RSA') {
    return opened(facts, () => crypto.subtle.decrypt({ name: 'RSA-OAEP' }, used, ownBytes(wrapped)));
  }
  return opened(facts, async () => {
    const carrier = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.unwrapKey('raw', ownBytes(wrapped), used, 'AES-KW', carrier, true, [
      'sign',
    ]);
    return crypto.subtle.exportKey('raw', key);
  });
};

/** See {@link RuntimeSoftware.mac}. */
export const mac: RuntimeSoftware['mac'] = async (key, facts, message) =>
  result(crypto.subtle.sign('HMAC', await native(key, facts), ownBytes(message)));

/** See {@link RuntimeSoftware.verifyMac}. */
export const verifyMac: RuntimeSoftware['verifyMac'] = async (key, facts, message, code) =>
  crypto.subtle.verify('HMAC', await native(key, facts), ownBytes(code), ownBytes(message));

/** See {@link RuntimeSoftware.agree}. */
export const agree: RuntimeSoftware['agree'] = async (key, peer) => {
  const { format, bytes } = material(key);
  const parameters = agreementParameters(peer.curve ?? 'P-256');
  const own = await crypto.subtle.importKey(format, bytes, parameters, false, ['deriveBits']);
  try {
    const other = await crypto.subtle.importKey('spki', ownBytes(peer.spki), parameters, false, []);
    return await result(crypto.subtle.deriveBits({ name: parameters.name, public: other }, own, null));
  } catch {
    throw new Failure('ARGUMENT_INVALID', 'no secret can be agreed on with this key', { field: 'peer' });
  }
};

/** See {@link RuntimeSoftware.hkdf}. */
export const hkdf: RuntimeSoftware['hkdf'] = async (secret, salt, info, length) => {
  const key = await crypto.subtle.importKey('raw', ownBytes(secret), 'HKDF', false, ['deriveBits']);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: ownBytes(salt), info: ownBytes(info) };
  return result(crypto.subtle.deriveBits(parameters, key, length * 8));
};

/** An algorithm as WebCrypto names it. */
interface Parameters {
  readonly name: string;
  readonly namedCurve?: string;
  readonly hash?: string;
}

function held(facts: SoftwareKey, format: Material['format'], bytes: Uint8Array<ArrayBuffer>): SoftwareKey {
  const key: SoftwareKey = Object.freeze({ ...facts });
  materials.set(key, { format, bytes, imported: new Map() });
  return key;
}

function heldSecret(bytes: Uint8Array<ArrayBuffer>): SoftwareKey {
  return held({ bits: bytes.length * 8 }, 'raw', bytes);
}

function material(key: SoftwareKey): Material {
  const found = materials.get(key);
  if (found === undefined)
    throw new Failure('ARGUMENT_INVALID', 'not a key of this runtime', { field: 'key' });
  return found;
}

function native(key: SoftwareKey, facts: AlgorithmFacts): Promise<CryptoKey> {
  const { format, bytes, imported } = material(key);
  const known = imported.get(facts.name);
  if (known !== undefined) return known;
  const made = available(facts.name, () =>
    crypto.subtle.importKey(format, bytes, parametersOf(facts), false, usagesOf(facts)),
  );
  imported.set(facts.name, made);
  made.catch(() => imported.delete(facts.name));
  return made;
}

function parametersOf({
  name,
  operation,
  keyType,
  curves,
  hash = 'SHA-256',
  pss,
  padded,
}: AlgorithmFacts): Parameters {
  if (operation === 'aead') return { name: name === 'ChaCha20-Poly1305' ? name : 'AES-GCM' };
  if (operation === 'mac') return { name: 'HMAC', hash };
  // WebCrypto has no AES-KWP, and says so of its name.
  if (operation === 'wrap') {
    return keyType === 'RSA' ? { name: 'RSA-OAEP', hash } : { name: padded ? name : 'AES-KW' };
  }
  if (keyType === 'EC') return { name: 'ECDSA', namedCurve: curves[0] ?? '', hash };
  if (keyType === 'RSA') return { name: pss ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash };
  return { name };
}

function agreementParameters(curve: Curve): Parameters {
  return curve === 'X25519' || curve === 'X448' ? { name: curve } : { name: 'ECDH', namedCurve: curve };
}

function usagesOf({ operation, keyType }: AlgorithmFacts): KeyUsage[] {
  if (operation === 'aead') return ['encrypt', 'decrypt'];
  if (operation === 'wrap') return keyType === 'RSA' ? ['decrypt'] : ['wrapKey', 'unwrapKey'];
  if (operation === 'agree') return ['deriveBits'];
  return operation === 'mac' ? ['sign', 'verify'] : ['sign'];
}

/** AES-KW of WebCrypto wraps keys, not bytes: HMAC takes a key of any length. */
function carrierKey(contentKey: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', ownBytes(contentKey), { name: 'HMAC', hash: 'SHA-256' }, true, [
    'sign',
  ]);
}

async function result(bytes: Promise<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await bytes);
}

async function opened(facts: AlgorithmFacts, open: () => Promise<ArrayBuffer>): Promise<Uint8Array> {
  try {
    return new Uint8Array(await open());
  } catch {
    throw decryptionFailed(facts.name);
  }
}

async function available<T>(name: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (cause) {
    throw unsupported(runtime, name, cause);
  }
}
