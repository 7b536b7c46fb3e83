/**
 * COSE_Key and COSE_KeySet as entries of a trust.
 *
 * @module
 */
import { type CborMap, type CborValue, decodeCbor } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';
import type { AlgorithmFacts } from '../algorithms.ts';
import { publicKeyOf } from '../import-public-key.ts';
import { coseKeyOf } from '../read-cose-key.ts';
import { keyIdText } from './key-id.ts';
import { readEach, signatureAlgorithms } from './signing-keys.ts';
import type { TrustedKey } from './trust.ts';

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
