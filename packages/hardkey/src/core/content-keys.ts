/**
 * Keys that live for one document: content keys, and the ephemeral keys that carry them.
 *
 * @module
 */
import { randomBytes, wrapTo } from '#crypto';
import * as software from '#software';
import { invalid } from '../errors.ts';
import {
  type AeadAlgorithm,
  type Algorithm,
  type AlgorithmFacts,
  algorithm,
  type MacAlgorithm,
} from './algorithms.ts';
import { checkContentKey } from './check-content-key.ts';
import { decryptionFailed } from './decryption-failed.ts';
import { importPublicKey } from './import-public-key.ts';
import type { Custody, KeyInfo } from './key.ts';
import { keyRef } from './key-ref.ts';
import type { Aead, Mac, WrappingKey } from './operations.ts';
import type { PublicKey } from './public-key.ts';
import { softwareKey } from './software/key.ts';

/** It has no name: no document says one, and none needs it twice. */
const CONTENT_KEY = 'content-key';

const CUSTODY: Custody = { place: 'memory', level: 'claimed', facts: { extractable: true } };

/** An AEAD over the bytes of a content key. */
export async function aeadOf(contentKey: Uint8Array, name: AeadAlgorithm): Promise<Aead> {
  const key = await software.importSecret(contentKey);
  return softwareKey(infoOf(CONTENT_KEY, name), key, () => undefined).use(name);
}

/**
 * A Mac over the bytes of a content key. Throws `DECRYPTION_FAILED` for a key of another length than the
 * hash (RFC 9053 §3.1): an empty one would make codes, too.
 */
export async function macOf(contentKey: Uint8Array, name: MacAlgorithm): Promise<Mac> {
  if (contentKey.length * 8 !== algorithm(name).keyBits) throw decryptionFailed(name);
  const key = await software.importSecret(contentKey);
  return softwareKey(infoOf(CONTENT_KEY, name), key, () => undefined).use(name);
}

/** Uses a content key, and erases it whatever becomes of that. */
export async function usingContentKey<T>(
  contentKey: Uint8Array,
  use: (contentKey: Uint8Array) => Promise<T>,
): Promise<T> {
  try {
    return await use(contentKey);
  } finally {
    contentKey.fill(0);
  }
}

/** A fresh content key for an algorithm. */
export function createContentKey(name: AeadAlgorithm | MacAlgorithm): Uint8Array<ArrayBuffer> {
  return randomBytes((algorithm(name).keyBits ?? 0) / 8);
}

/** Wraps for the owner of an RSA key, who need not be reachable: RSA-OAEP-256 under the public key. Another is `ARGUMENT_INVALID`. */
export function wrapperFor(publicKey: PublicKey): WrappingKey {
  if (publicKey?.keyType !== 'RSA') throw invalid('an RSA public key is needed', 'publicKey');
  const name = 'RSA-OAEP-256';
  return Object.freeze({
    algorithm: name,
    key: { ...infoOf(publicKey.id, name), publicKey },
    async wrap(contentKey, options = {}) {
      options.signal?.throwIfAborted();
      checkContentKey(contentKey, algorithm(name), publicKey);
      return wrapTo(publicKey, contentKey);
    },
  } satisfies WrappingKey);
}

/** A secret agreed on with `peer` by a key made for this once, and that key's public half. */
export async function agreeEphemeral(
  peer: PublicKey,
): Promise<{ readonly publicKey: PublicKey; readonly secret: Uint8Array }> {
  const options = peer.curve === undefined ? {} : { curve: peer.curve };
  const ephemeral = await software.generate(algorithm('ECDH-ES+A128KW'), options);
  const publicKey = await importPublicKey(ephemeral.spki ?? new Uint8Array());
  return { publicKey, secret: await software.agree(ephemeral, peer) };
}

/** AES-KW (RFC 3394) under the bytes of a key; their length says which. */
export async function wrapWithBytes(key: Uint8Array, contentKey: Uint8Array): Promise<Uint8Array> {
  return software.wrap(await software.importSecret(key), keyWrap(key), contentKey);
}

/** The reverse. Throws `DECRYPTION_FAILED`. */
export async function unwrapWithBytes(key: Uint8Array, wrapped: Uint8Array): Promise<Uint8Array> {
  return software.unwrap(await software.importSecret(key), keyWrap(key), wrapped);
}

/** HKDF with SHA-256 (RFC 5869). */
export async function hkdfSha256(
  secret: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Promise<Uint8Array> {
  return software.hkdf(secret, salt, info, length);
}

function keyWrap(key: Uint8Array): AlgorithmFacts {
  return algorithm(`A${key.length * 8}KW`);
}

function infoOf(id: string, name: Algorithm): KeyInfo {
  return { ref: keyRef('memory', id), id, algorithms: [name], state: 'active', custody: CUSTODY };
}
