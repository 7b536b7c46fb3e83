/**
 * Public-key operations of node:crypto, with libsodium for Ed25519 where it is installed.
 *
 * @module
 */
import type { KeyObject } from 'node:crypto';
import { equalBytes } from '../../encoding/bytes.ts';
import { ecdsaToDer } from '../../encoding/ecdsa.ts';
import { Failure } from '../../errors.ts';
import type { AlgorithmFacts, Curve } from '../algorithms.ts';
import type { PublicKey } from '../public-key.ts';
import { digestInfo } from './digest-info.ts';
import { isEcdsa, verifyEcdsaDigest } from './noble.ts';
import { sodium } from './sodium.ts';
import type { RuntimeCrypto } from './types.ts';

// Not imported: an import reads every name of the module, and with one of them loads WebCrypto, in 5 ms.
const {
  constants,
  createPublicKey,
  ECDH,
  hash: hashNative,
  publicDecrypt,
  publicEncrypt,
  randomFillSync,
  verify: verifyNative,
} = process.getBuiltinModule('node:crypto');

const NODE_HASH = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' } as const;

/** Names the runtime in `UNSUPPORTED` failures. */
export const runtime: string = `Node.js ${process.versions.node} with OpenSSL ${process.versions.openssl}`;

/**
 * Hashes `data`, which is no secret. A character for each byte of the result: a hash object, or a buffer
 * of the runtime, costs several times the hash of a short text when it is collected.
 */
export const digest: RuntimeCrypto['digest'] = (hash, data) => {
  const characters = hashNative(NODE_HASH[hash], data, 'binary');
  const made = new Uint8Array(characters.length);
  for (let at = 0; at < made.length; at++) made[at] = characters.charCodeAt(at);
  return made;
};

/** Random bytes for nonces and keys. */
export const randomBytes: RuntimeCrypto['randomBytes'] = (length) => randomFillSync(new Uint8Array(length));

/** See {@link RuntimeCrypto.verifySignature}. */
export const verifySignature: RuntimeCrypto['verifySignature'] = (key, facts, message, signature) => {
  const verifyEd25519 = facts.name === 'Ed25519' ? sodium() : undefined;
  if (verifyEd25519 !== undefined) return verifyEd25519(signature, message, key.toRaw());
  const native = nativeKey(key);
  const given = facts.keyType === 'EC' ? ecdsaToDer(signature) : signature;
  return verifyNative(hashOf(facts), message, facts.pss ? pss(native) : native, given);
};

/** See {@link RuntimeCrypto.verifyAside}. libsodium has no such thread: OpenSSL says the same as it does. */
export const verifyAside: RuntimeCrypto['verifyAside'] = (key, facts, message, signature) =>
  new Promise((resolve, reject) => {
    const native = nativeKey(key);
    const given = facts.keyType === 'EC' ? ecdsaToDer(signature) : signature;
    verifyNative(hashOf(facts), message, facts.pss ? pss(native) : native, given, (error, right) => {
      if (error === null) resolve(right);
      else reject(error);
    });
  });

/** See {@link RuntimeCrypto.verifiesDigests}. Not RSASSA-PSS: its digest is one of many things that are hashed. */
export const verifiesDigests: RuntimeCrypto['verifiesDigests'] = (facts) =>
  isEcdsa(facts) || (facts.operation === 'sign' && facts.keyType === 'RSA' && facts.pss === undefined);

/** See {@link RuntimeCrypto.verifyDigest}. */
export const verifyDigest: RuntimeCrypto['verifyDigest'] = (key, facts, digest, signature) => {
  if (isEcdsa(facts)) return verifyEcdsaDigest(facts, key.toRaw(), digest, signature);
  if (!verifiesDigests(facts) || facts.hash === undefined) {
    throw new Failure('UNSUPPORTED', `${runtime} does not verify digests`, { algorithm: facts.name });
  }
  const padded = { key: nativeKey(key), padding: constants.RSA_PKCS1_PADDING };
  try {
    return equalBytes(publicDecrypt(padded, signature), digestInfo(facts.hash, digest));
  } catch {
    // OpenSSL throws where the padding is not that of a signature (RFC 8017 §8.2.2 step 2).
    return false;
  }
};

/** See {@link RuntimeCrypto.wrapTo}. */
export const wrapTo: RuntimeCrypto['wrapTo'] = (key, contentKey) => {
  const padded = { key: nativeKey(key), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  return new Uint8Array(publicEncrypt(padded, contentKey));
};

/** See {@link RuntimeCrypto.checkKey}. */
export const checkKey: RuntimeCrypto['checkKey'] = (key) => {
  nativeKey(key);
};

/** See {@link RuntimeCrypto.decompressPoint}. */
export const decompressPoint: RuntimeCrypto['decompressPoint'] = (curve, point) => {
  try {
    return new Uint8Array(
      ECDH.convertKey(point, OPENSSL_CURVE[curve] ?? '', undefined, undefined, 'uncompressed') as Buffer,
    );
  } catch (cause) {
    throw new Failure('MALFORMED', 'not a point of its curve', { field: 'publicKey' }, cause);
  }
};

const OPENSSL_CURVE: Partial<Record<Curve, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
  secp256k1: 'secp256k1',
};

const nativeKeys = new WeakMap<PublicKey, KeyObject>();

/** The runtime's key, made once: importing costs more than verifying. */
function nativeKey(key: PublicKey): KeyObject {
  const known = nativeKeys.get(key);
  if (known !== undefined) return known;
  const made = importNative(key);
  nativeKeys.set(key, made);
  return made;
}

function importNative(key: PublicKey): KeyObject {
  try {
    return createPublicKey({ key: key.spki as Buffer, format: 'der', type: 'spki' });
  } catch (cause) {
    // OpenSSL before 3.5 does not know the kind at all; for the others it refused this key.
    if (key.keyType === 'AKP') {
      throw new Failure(
        'UNSUPPORTED',
        `${runtime} has no ML-DSA`,
        { algorithm: key.parameterSet ?? '' },
        cause,
      );
    }
    throw new Failure('MALFORMED', 'not a valid public key', { field: 'publicKey' }, cause);
  }
}

/** What node:crypto calls the hash; null where the algorithm brings its own. */
function hashOf({ hash }: AlgorithmFacts): string | null {
  return hash === undefined ? null : NODE_HASH[hash];
}

function pss(key: KeyObject): { key: KeyObject; padding: number; saltLength: number } {
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}
