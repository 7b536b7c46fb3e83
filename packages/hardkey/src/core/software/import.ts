/**
 * Keys of the runtime from a specification or from material, with what the interface says of them.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import { agree, generate, importPrivate, importSecret, sign } from '#software';
import { decodeBase64url } from '../../encoding/base64.ts';
import { equalBytes, fromUtf8 } from '../../encoding/bytes.ts';
import { Failure, isFailure } from '../../errors.ts';
import {
  type Algorithm,
  type AlgorithmFacts,
  algorithm,
  algorithms,
  type SignatureAlgorithm,
} from '../algorithms.ts';
import { checkSpec } from '../check-spec.ts';
import { importPublicKey } from '../import-public-key.ts';
import type { KeyMaterial, KeySpec } from '../key.ts';
import type { PublicKey } from '../public-key.ts';
import { isText, member, parseJsonObject } from '../trust/strict-json.ts';
import { isGenuine, keyFits } from '../verify.ts';
import type { SoftwareKey } from './types.ts';

/** A key of the runtime with its public half and uses. */
export interface SoftwarePair {
  readonly key: SoftwareKey;
  readonly publicKey?: PublicKey;
  /** What the key may be used for, most preferred first. */
  readonly algorithms: readonly Algorithm[];
}

/** Generates a key for exactly one algorithm. Throws `UNSUPPORTED` for what the runtime lacks. */
export async function generateSoftwareKey(spec: KeySpec): Promise<SoftwarePair> {
  const facts = algorithm(spec.algorithm);
  checkSpec(spec, facts);
  const key = await generate(facts, spec);
  if (facts.keyType === 'oct') return { key, algorithms: [facts.name] };
  return { ...(await asymmetric(key)), algorithms: [facts.name] };
}

/**
 * Takes in a key from elsewhere. Without `algorithm` it may be used for all its kind allows. Throws
 * `MALFORMED` when the private half does not belong to the public one.
 */
export async function importSoftwareKey(given: KeyMaterial): Promise<SoftwarePair> {
  const facts = given.algorithm === undefined ? undefined : algorithm(given.algorithm);
  if (facts?.keyType === 'oct') return importSymmetric(given, facts);
  const key = await given.material.use((material) =>
    given.passphrase === undefined
      ? importPrivate(material)
      : given.passphrase.use((passphrase) => importPrivate(material, passphrase)),
  );
  const pair = await asymmetric(key);
  await checkPair(pair);
  if (facts === undefined) return pair;
  if (keyFits(pair.publicKey, facts)) return { ...pair, algorithms: [facts.name] };
  throw new Failure('ARGUMENT_INVALID', 'the key is not for this algorithm', { algorithm: facts.name });
}

async function importSymmetric(given: KeyMaterial, facts: AlgorithmFacts): Promise<SoftwarePair> {
  const key = await given.material.use((material) => importSecret(secretBytes(material)));
  const bits = key.bits ?? 0;
  // RFC 7518 §3.2: an HMAC key is at least as long as the hash; ciphers take one length.
  const right = facts.operation === 'mac' ? bits >= (facts.keyBits ?? 0) : bits === facts.keyBits;
  if (right) return { key, algorithms: [facts.name] };
  throw new Failure('ARGUMENT_INVALID', `the algorithm takes a key of ${facts.keyBits} bits`, {
    algorithm: facts.name,
    field: 'material',
  });
}

/** The bytes of a symmetric key: as they are, or out of a JWK of type oct (RFC 7518 §6.4). */
function secretBytes(material: Uint8Array): Uint8Array {
  if (!isJson(material)) return material;
  const jwk = parseJsonObject(fromUtf8(material), 'jwk');
  const k = member(jwk, 'k', isText, 'jwk');
  if (jwk['kty'] === 'oct' && k !== undefined) return decodeBase64url(k, 'jwk.k');
  throw new Failure('MALFORMED', 'not the JWK of a symmetric key', { field: 'jwk' });
}

/** Bytes that only begin like JSON are a key like any other. */
function isJson(material: Uint8Array): boolean {
  if (material[0] !== 0x7b) return false;
  try {
    return typeof JSON.parse(fromUtf8(material)) === 'object';
  } catch {
    return false;
  }
}

/** What a key can do with its public half, which an asymmetric key always has. */
async function asymmetric(key: SoftwareKey): Promise<Required<SoftwarePair>> {
  const publicKey = await importPublicKey(key.spki ?? new Uint8Array());
  const fitting = algorithms.filter((facts) => keyFits(publicKey, facts));
  return { key, publicKey, algorithms: fitting.map(({ name }) => name) };
}

/** Uses both halves once, as FIPS 140-3 IG 10.3.A has it: keys are taken in whole or not at all. */
async function checkPair(pair: Required<SoftwarePair>): Promise<void> {
  if (!(await belongsTogether(pair))) {
    throw new Failure('MALFORMED', 'the private half does not belong to the public one', {
      field: 'privateKey',
    });
  }
}

async function belongsTogether({
  key,
  publicKey,
  algorithms: names,
}: Required<SoftwarePair>): Promise<boolean> {
  const challenge = randomBytes(32);
  const facts = algorithm(names[0] ?? '');
  if (facts.operation === 'sign') {
    const signature = await signedBy(key, facts, challenge);
    if (signature === undefined) return false;
    return isGenuine(publicKey, facts.name as SignatureAlgorithm, challenge, signature);
  }
  const other = await generate(facts, publicKey.curve === undefined ? {} : { curve: publicKey.curve });
  const mine = await agree(key, await importPublicKey(other.spki ?? new Uint8Array()));
  return equalBytes(mine, await agree(other, publicKey));
}

/** A signature; undefined where the runtime read a number that no such key has, and signs nothing with it. */
async function signedBy(
  key: SoftwareKey,
  facts: AlgorithmFacts,
  message: Uint8Array,
): Promise<Uint8Array | undefined> {
  try {
    return await sign(key, facts, message);
  } catch (error) {
    if (isFailure(error)) throw error;
    return undefined;
  }
}
