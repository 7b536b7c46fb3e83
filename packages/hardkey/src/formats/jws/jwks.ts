/**
 * The public keys of an issuer as a JWK Set (RFC 7517 §5), to be served to verifiers.
 *
 * @module
 */

import {
  algorithm,
  algorithms,
  isSignatureAlgorithm,
  type SignatureAlgorithm,
} from '../../core/algorithms.ts';
import type { KeyInfo } from '../../core/key.ts';
import type { Signer } from '../../core/operations.ts';
import { checkOptions, isName } from '../../core/option-table.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { isJsonObject, isText } from '../../core/trust/strict-json.ts';
import { keyFits } from '../../core/verify.ts';
import { invalid } from '../../errors.ts';

/** A public key in a set: the members of its kind, `kid`, `use`, and `alg` where it has one algorithm. */
export type PublishedJwk = Readonly<Record<string, string>>;

/** A JWK Set. Another type than an interface, so that it is a trust source as it is. */
export type JwkSet = { readonly keys: readonly PublishedJwk[] };

/** A key to be published: a public key, a signer, or what a provider says of a version. */
export type JwksKey =
  | PublicKey
  | Signer
  | KeyInfo
  | {
      readonly key: PublicKey | Signer | KeyInfo;
      /** The `kid`, where it is not the RFC 7638 thumbprint. */
      readonly keyId?: string;
    };

/**
 * The set of keys that verifiers need: during a rotation the current version and those before it, as
 * `keys.list()` gives them. `kid` is the RFC 7638 thumbprint, which `signJws` writes.
 *
 * The order is that of `keys`, and what is there twice is there once. Of a list, what signs nothing is
 * left out, and so is what is suspended, compromised or destroyed: nothing new is accepted from it.
 *
 * Throws `ARGUMENT_INVALID` naming the entry that is no key, is a public key that signs nothing, or has
 * the name of another key.
 */
export function toJwks(keys: readonly JwksKey[]): JwkSet {
  if (!Array.isArray(keys)) throw invalid('a list of keys is needed', 'keys');
  const published = new Map<string, PublishedJwk>();
  const owners = new Map<string, string>();
  for (const [index, given] of (keys as readonly unknown[]).entries()) {
    const field = `keys.${index}`;
    const entry = entryOf(given, field);
    if (entry === undefined) continue;
    const { publicKey, name, keyId = publicKey.thumbprint } = entry;
    if ((owners.get(keyId) ?? publicKey.thumbprint) !== publicKey.thumbprint) {
      throw invalid('another key has this name', `${field}.keyId`);
    }
    owners.set(keyId, publicKey.thumbprint);
    const alg = name === undefined ? undefined : algorithm(name).jose;
    const jwk = { ...publicKey.toJwk(), kid: keyId, ...(alg !== undefined && { alg }), use: 'sig' };
    published.set(JSON.stringify([keyId, alg]), Object.freeze(jwk));
  }
  return Object.freeze({ keys: Object.freeze([...published.values()]) });
}

interface Entry {
  readonly publicKey: PublicKey;
  /** The algorithm, where there is one only. */
  readonly name: SignatureAlgorithm | undefined;
  readonly keyId?: string;
}

function entryOf(given: unknown, field: string): Entry | undefined {
  if (isPublicKey(given)) return ofPublicKey(given, field);
  if (isSigner(given)) return ofInfo(given.key, [given.algorithm], given.publicKey);
  if (isKeyInfo(given)) return ofInfo(given, given.algorithms.filter(isSignatureAlgorithm), given.publicKey);
  // What is bound to an algorithm and is no signer is a shared key, or for another use.
  if (!isJsonObject(given) || !isJsonObject(given['key']) || 'algorithm' in given) {
    throw invalid('neither a key nor a signer', field);
  }
  checkOptions(given, { key: isJsonObject, keyId: isName }, `${field}.`);
  const { key, keyId } = given as { readonly key: unknown; readonly keyId?: string };
  if (!isPublicKey(key) && !isSigner(key) && !isKeyInfo(key)) {
    throw invalid('neither a key nor a signer', `${field}.key`);
  }
  const entry = entryOf(key, `${field}.key`);
  return entry && { ...entry, ...(keyId !== undefined && { keyId }) };
}

function ofPublicKey(publicKey: PublicKey, field: string): Entry {
  const names = algorithms.filter((facts) => facts.operation === 'sign' && keyFits(publicKey, facts));
  if (names.length === 0) throw invalid('the key is not for signatures', field);
  return { publicKey, name: only(names.map(({ name }) => name as SignatureAlgorithm)) };
}

function ofInfo(
  { state }: KeyInfo,
  names: readonly SignatureAlgorithm[],
  publicKey: PublicKey | undefined,
): Entry | undefined {
  if (publicKey === undefined || names.length === 0 || state !== 'active') return undefined;
  return { publicKey, name: only(names) };
}

function only<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}

function isPublicKey(value: unknown): value is PublicKey {
  return isJsonObject(value) && isText(value['thumbprint']) && typeof value['toJwk'] === 'function';
}

function isSigner(value: unknown): value is Signer {
  return (
    isJsonObject(value) &&
    isKeyInfo(value['key']) &&
    isPublicKey(value['publicKey']) &&
    isSignature(value['algorithm'])
  );
}

function isKeyInfo(value: unknown): value is KeyInfo {
  return (
    isJsonObject(value) &&
    isJsonObject(value['ref']) &&
    isText(value['state']) &&
    Array.isArray(value['algorithms'])
  );
}

function isSignature(value: unknown): boolean {
  return isText(value) && isSignatureAlgorithm(value);
}
