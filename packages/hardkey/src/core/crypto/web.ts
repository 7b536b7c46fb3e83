/**
 * Public-key operations of WebCrypto, for browsers and other runtimes.
 *
 * @module
 */
import { ownBytes } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import { type AlgorithmFacts, hashLength } from '../algorithms.ts';
import type { PublicKey } from '../public-key.ts';
import type { RuntimeCrypto } from './types.ts';

/** Names the runtime in `UNSUPPORTED` failures. */
export const runtime: string = `WebCrypto of ${globalThis.navigator?.userAgent ?? 'this runtime'}`;

/** Hashes `data`. */
export const digest: RuntimeCrypto['digest'] = async (hash, data) =>
  new Uint8Array(await crypto.subtle.digest(hash, ownBytes(data)));

/** Random bytes for nonces and keys. */
export const randomBytes: RuntimeCrypto['randomBytes'] = (length) =>
  crypto.getRandomValues(new Uint8Array(length));

/** See {@link RuntimeCrypto.verifySignature}. */
export const verifySignature: RuntimeCrypto['verifySignature'] = async (key, facts, message, signature) => {
  const native = await nativeKey(key, facts);
  return crypto.subtle.verify(useParameters(facts), native, ownBytes(signature), ownBytes(message));
};

/** See {@link RuntimeCrypto.verifyAside}. WebCrypto always works aside. */
export const verifyAside: RuntimeCrypto['verifyAside'] = async (key, facts, message, signature) =>
  verifySignature(key, facts, message, signature);

/** See {@link RuntimeCrypto.verifiesDigests}. WebCrypto verifies messages only. */
export const verifiesDigests: RuntimeCrypto['verifiesDigests'] = () => false;

/** See {@link RuntimeCrypto.verifyDigest}. */
export const verifyDigest: RuntimeCrypto['verifyDigest'] = (_key, facts) => {
  throw new Failure('UNSUPPORTED', `${runtime} does not verify digests`, { algorithm: facts.name });
};

/** See {@link RuntimeCrypto.wrapTo}. */
export const wrapTo: RuntimeCrypto['wrapTo'] = ({ spki }, contentKey) => wrapToSpki(spki, contentKey);

/** The same, where the key is only bytes. */
export async function wrapToSpki(spki: Uint8Array, contentKey: Uint8Array): Promise<Uint8Array> {
  const parameters = { name: 'RSA-OAEP', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('spki', ownBytes(spki), parameters, false, ['encrypt']);
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'RSA-OAEP' }, key, ownBytes(contentKey)));
}

/** See {@link RuntimeCrypto.checkKey}. A key for agreement, or of a kind this runtime lacks, is checked on use. */
export const checkKey: RuntimeCrypto['checkKey'] = async (key) => {
  if (key.keyType !== 'EC' || key.curve === 'secp256k1') return;
  await importNative(key, { name: 'ECDSA', namedCurve: key.curve ?? '' }, key.curve ?? '');
};

/** See {@link RuntimeCrypto.decompressPoint}. */
export const decompressPoint: RuntimeCrypto['decompressPoint'] = async (curve, point) => {
  try {
    const parameters = { name: 'ECDSA', namedCurve: curve };
    const key = await crypto.subtle.importKey('raw', ownBytes(point), parameters, true, ['verify']);
    return new Uint8Array(await crypto.subtle.exportKey('raw', key));
  } catch (cause) {
    throw new Failure(
      'UNSUPPORTED',
      `${runtime} does not read this compressed point`,
      { field: 'publicKey' },
      cause,
    );
  }
};

/** What importing a key needs: its algorithm as WebCrypto names it. */
type Parameters = EcKeyImportParams | RsaHashedImportParams | { readonly name: string };

const nativeKeys = new WeakMap<PublicKey, Map<string, Promise<CryptoKey>>>();

/** The runtime's key, made once for each algorithm; a failure is not kept. */
function nativeKey(key: PublicKey, facts: AlgorithmFacts): Promise<CryptoKey> {
  const known = nativeKeys.get(key) ?? new Map<string, Promise<CryptoKey>>();
  nativeKeys.set(key, known);
  const found = known.get(facts.name);
  if (found !== undefined) return found;
  const made = importNative(key, importParameters(facts), facts.name);
  known.set(facts.name, made);
  made.catch(() => known.delete(facts.name));
  return made;
}

async function importNative(key: PublicKey, parameters: Parameters, algorithm: string): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('spki', ownBytes(key.spki), parameters, false, ['verify']);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'NotSupportedError') {
      throw new Failure('UNSUPPORTED', `${runtime} has no ${algorithm}`, { algorithm }, cause);
    }
    throw new Failure('MALFORMED', 'not a valid public key', { field: 'publicKey' }, cause);
  }
}

function importParameters({ name, keyType, curves, hash = 'SHA-256', pss }: AlgorithmFacts): Parameters {
  if (keyType === 'EC') return { name: 'ECDSA', namedCurve: curves[0] ?? '' };
  if (keyType === 'RSA') return { name: pss ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash };
  return { name };
}

function useParameters({ name, keyType, hash = 'SHA-256', pss }: AlgorithmFacts): EcdsaParams | RsaPssParams {
  if (keyType === 'EC') return { name: 'ECDSA', hash };
  // RFC 8017 §9.1: the salt is as long as the hash.
  if (pss) return { name: 'RSA-PSS', saltLength: hashLength(hash) };
  return { name: keyType === 'RSA' ? 'RSASSA-PKCS1-v1_5' : name } as EcdsaParams;
}
