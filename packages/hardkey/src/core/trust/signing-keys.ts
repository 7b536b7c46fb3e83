/**
 * Public keys and key sets as entries of a trust: JWK, JWK Set, COSE_Key, COSE_KeySet, plain.
 *
 * @module
 */
import { type CborMap, type CborValue, decodeCbor } from '../../encoding/cbor/index.ts';
import { Failure, isFailure } from '../../errors.ts';
import { type AlgorithmFacts, algorithms, type SignatureAlgorithm } from '../algorithms.ts';
import { coseKeyOf } from '../cose-key.ts';
import { importPublicKey, publicKeyOf } from '../import-public-key.ts';
import type { PublicKey } from '../public-key.ts';
import { keyFits } from '../verify.ts';
import { keyIdText } from './key-id.ts';
import { isJsonObject, isList, isText, type JsonObject, member } from './strict-json.ts';
import type { TrustedKey } from './trust.ts';
import { within } from './within.ts';

/** The signature algorithms of a key's type, curve and size, of those `allows` lets through. */
export function signatureAlgorithms(
  key: PublicKey,
  allows: (facts: AlgorithmFacts) => boolean = () => true,
): readonly SignatureAlgorithm[] {
  return algorithms
    .filter((facts) => facts.operation === 'sign' && keyFits(key, facts) && allows(facts))
    .map(({ name }) => name as SignatureAlgorithm);
}

/** One JWK (RFC 7517 §4). `alg`, `use` and `key_ops` narrow what it verifies; `nbf`, `exp` and `revoked` when. */
export async function readJwk(jwk: JsonObject): Promise<TrustedKey> {
  const publicKey = await importPublicKey(jwk);
  const keyId = member(jwk, 'kid', isText, 'jwk');
  const alg = member(jwk, 'alg', isText, 'jwk');
  const use = member(jwk, 'use', isText, 'jwk');
  const operations = member(jwk, 'key_ops', isTextList, 'jwk');
  const verifies = (use ?? 'sig') === 'sig' && (operations?.includes('verify') ?? true);
  const named = (facts: AlgorithmFacts): boolean => alg === undefined || facts.joseAccepted.includes(alg);
  // OpenID Federation 1.0 §8.7.2: the members of keys that are kept for their past.
  const [notBefore, notAfter] = [member(jwk, 'nbf', isTime, 'jwk'), member(jwk, 'exp', isTime, 'jwk')];
  const revoked = member(jwk, 'revoked', isJsonObject, 'jwk');
  const revokedAt =
    revoked && (member(revoked, 'revoked_at', isTime, 'jwk.revoked') ?? Number.NEGATIVE_INFINITY);
  return {
    publicKey,
    algorithms: signatureAlgorithms(publicKey, (facts) => verifies && named(facts)),
    ...(keyId !== undefined && { keyId }),
    ...(notBefore !== undefined && { notBefore }),
    ...(notAfter !== undefined && { notAfter }),
    ...(revokedAt !== undefined && { revokedAt }),
  };
}

/** A JWK Set (RFC 7517 §5). */
export function readJwkSet(keys: readonly unknown[]): Promise<readonly TrustedKey[]> {
  return readEach(keys, 'jwks.keys', async (key) => {
    if (!isJsonObject(key)) throw new Failure('MALFORMED', 'a JWK is an object', { field: 'jwk' });
    return readJwk(key);
  });
}

/** COSE_Key or COSE_KeySet (RFC 9052 §7). */
export async function readCoseKeys(bytes: Uint8Array): Promise<readonly TrustedKey[]> {
  const value = decodeCbor(bytes, { field: 'coseKey' });
  if (Array.isArray(value)) return readEach(value as readonly CborValue[], 'coseKeySet', readCoseKey);
  return [await readCoseKey(value)];
}

const ALG = 3;
const KEY_OPS = 4;
const VERIFY = 2;

async function readCoseKey(value: CborValue): Promise<TrustedKey> {
  const { keyId, ...parts } = coseKeyOf(value);
  const publicKey = await publicKeyOf(parts);
  // RFC 9052 §7.1: integers, or names that are not registered and so not known.
  const alg = (value as CborMap).get(ALG);
  const operations = (value as CborMap).get(KEY_OPS);
  if (operations !== undefined && !Array.isArray(operations)) {
    throw new Failure('MALFORMED', 'key_ops is not an array', { field: 'coseKey.key_ops' });
  }
  const verifies = operations === undefined || operations.includes(VERIFY) || operations.includes('verify');
  const named = (facts: AlgorithmFacts): boolean =>
    alg === undefined || (typeof alg === 'number' && facts.coseAccepted.includes(alg));
  return {
    publicKey,
    algorithms: signatureAlgorithms(publicKey, (facts) => verifies && named(facts)),
    ...(keyId && { keyId: keyIdText(keyId) }),
  };
}

/**
 * Reads the keys of a set. One of a kind that is not known is passed over (RFC 7517 §5, RFC 9052 §7);
 * one that is broken is an error of the set.
 */
async function readEach<T>(
  keys: readonly T[],
  field: string,
  read: (key: T) => Promise<TrustedKey>,
): Promise<readonly TrustedKey[]> {
  const found = await Promise.all(
    keys.map(async (key, index) => {
      try {
        return await within(`${field}.${index}`, () => read(key));
      } catch (error) {
        if (isFailure(error, 'UNSUPPORTED')) return undefined;
        throw error;
      }
    }),
  );
  return found.filter((key) => key !== undefined);
}

function isTextList(value: unknown): value is readonly string[] {
  return isList(value) && value.every(isText);
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}
