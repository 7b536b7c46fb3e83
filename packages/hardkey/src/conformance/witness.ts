/**
 * A second opinion that has nothing to do with the provider: WebCrypto, which every runtime has.
 *
 * @module
 */
import { type AlgorithmFacts, algorithm, type Hash } from '../core/algorithms.ts';
import { importPublicKey } from '../core/import-public-key.ts';
import type { Sealed } from '../core/operations.ts';
import type { PublicKey } from '../core/public-key.ts';

const { subtle } = globalThis.crypto;

/** The hash of a message, computed here. */
export async function hashOf(hash: Hash, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtle.digest(hash, Uint8Array.from(message)));
}

/** Somebody to agree with: a key pair that is not the provider's. */
export interface Peer {
  readonly publicKey: PublicKey;
  /** The shared secret as the peer computes it. */
  secretWith(key: PublicKey): Promise<Uint8Array>;
}

/** A new peer on a curve. */
export async function peerOf(curve: string | undefined): Promise<Peer> {
  const parameters = agreementParameters(curve);
  const pair = (await subtle.generateKey(parameters, true, ['deriveBits'])) as CryptoKeyPair;
  const spki = new Uint8Array(await subtle.exportKey('spki', pair.publicKey));
  return {
    publicKey: await importPublicKey(spki),
    async secretWith(key) {
      const theirs = await subtle.importKey('spki', Uint8Array.from(key.spki), parameters, true, []);
      const bits = await subtle.deriveBits({ name: parameters.name, public: theirs }, pair.privateKey, null);
      return new Uint8Array(bits);
    },
  };
}

function agreementParameters(curve = 'P-256'): { readonly name: string; readonly namedCurve?: string } {
  return curve.startsWith('P-') ? { name: 'ECDH', namedCurve: curve } : { name: curve };
}

/** A content key wrapped for the owner of a public key by somebody who has nothing else. */
export async function wrapTo(key: PublicKey, contentKey: Uint8Array): Promise<Uint8Array> {
  const parameters = { name: 'RSA-OAEP', hash: 'SHA-256' };
  const theirs = await subtle.importKey('spki', Uint8Array.from(key.spki), parameters, false, ['encrypt']);
  return new Uint8Array(await subtle.encrypt({ name: 'RSA-OAEP' }, theirs, Uint8Array.from(contentKey)));
}

/** What a symmetric key does, by its bytes alone. */
export interface Twin {
  open(sealed: Sealed, aad: Uint8Array): Promise<Uint8Array>;
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
  mac(message: Uint8Array): Promise<Uint8Array>;
}

/** The twin of an imported key, or undefined for algorithms that WebCrypto does not have. */
export function twinOf(name: string, secret: Uint8Array): Twin | undefined {
  const facts = algorithm(name);
  if (facts.keyType !== 'oct' || facts.name === 'ChaCha20-Poly1305' || facts.padded) return undefined;
  const bytes = Uint8Array.from(secret);
  return {
    async open({ nonce, ciphertext }, aad) {
      const key = await subtle.importKey('raw', bytes, 'AES-GCM', false, ['decrypt']);
      const parameters = {
        name: 'AES-GCM',
        iv: Uint8Array.from(nonce),
        additionalData: Uint8Array.from(aad),
      };
      return new Uint8Array(await subtle.decrypt(parameters, key, Uint8Array.from(ciphertext)));
    },
    async unwrap(wrapped) {
      const key = await subtle.importKey('raw', bytes, 'AES-KW', false, ['unwrapKey']);
      // WebCrypto unwraps keys only; as an HMAC key any content comes out again as it was.
      const hmac = { name: 'HMAC', hash: 'SHA-256' };
      const content = await subtle.unwrapKey('raw', Uint8Array.from(wrapped), key, 'AES-KW', hmac, true, [
        'sign',
      ]);
      return new Uint8Array(await subtle.exportKey('raw', content));
    },
    async mac(message) {
      const hmac = { name: 'HMAC', hash: hashName(facts) };
      const key = await subtle.importKey('raw', bytes, hmac, false, ['sign']);
      return new Uint8Array(await subtle.sign('HMAC', key, Uint8Array.from(message)));
    },
  };
}

function hashName({ hash }: AlgorithmFacts): Hash {
  return hash ?? 'SHA-256';
}

/** A P-256 key pair as a JWK with its private member. */
export async function generateJwk(): Promise<Readonly<Record<string, string>>> {
  const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
  const { kty = '', crv = '', x = '', y = '', d = '' } = await subtle.exportKey('jwk', pair.privateKey);
  return { kty, crv, x, y, d };
}
