/**
 * COSE_Key and COSE_KeySet (RFC 9052 §7) of public keys: how verifiers and senders get them.
 *
 * @module
 */
import { type Algorithm, algorithms } from '../../core/algorithms.ts';
import { coseKeyOf } from '../../core/cose-key.ts';
import { publicKeyOf } from '../../core/import-public-key.ts';
import { isPublicKey } from '../../core/option-table.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { keyFits } from '../../core/verify.ts';
import {
  CborEncoded,
  type CborMap,
  type CborValue,
  decodeCbor,
  encodeCbor,
} from '../../encoding/cbor/index.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';
import { coseIdentifier } from './headers.ts';
import { optionsGiven } from './options.ts';
import { keyIdBytes } from './signer-headers.ts';

/** A public key, its name and what it is for. */
export interface NamedKey {
  readonly publicKey: PublicKey;
  /** The `kid`: text stands for its UTF-8. */
  readonly keyId?: string | Uint8Array;
  /** The only algorithm the key is used with. Default any that it fits. */
  readonly algorithm?: Algorithm;
}

/** A key as it was read. */
export interface ReadKey extends NamedKey {
  readonly keyId?: Uint8Array;
}

const KID = 2;
const ALG = 3;
const FIELD = 'coseKey';

/** Writes one COSE_Key, deterministic. Throws `ARGUMENT_INVALID` for what is no key, and an algorithm that is not its. */
export function encodeCoseKey(key: NamedKey): Uint8Array<ArrayBuffer> {
  const { publicKey, keyId, algorithm } = optionsGiven(key, 'key');
  if (!isPublicKey(publicKey)) throw invalid('a public key is needed', 'publicKey');
  const parameters = new Map<CborValue, CborValue>(
    decodeCbor(publicKey.toCoseKey(), { field: FIELD }) as CborMap,
  );
  const kid = keyIdBytes(keyId);
  if (kid !== undefined) parameters.set(KID, kid);
  if (algorithm !== undefined) {
    const facts = algorithms.find(({ name }) => name === algorithm);
    if (facts === undefined || !keyFits(publicKey, facts)) {
      throw invalid('the key is not for this algorithm', 'algorithm');
    }
    parameters.set(ALG, coseIdentifier(algorithm));
  }
  return encodeCbor(parameters);
}

/** Writes a COSE_KeySet. `createTrust` reads it, and so does whoever else knows COSE. */
export function encodeCoseKeySet(keys: readonly NamedKey[]): Uint8Array<ArrayBuffer> {
  if (!Array.isArray(keys) || keys.length === 0) throw invalid('a set has at least one key', 'keys');
  return encodeCbor(keys.map((key) => new CborEncoded(encodeCoseKey(key))));
}

/**
 * Reads one COSE_Key. Private parameters are passed over. Throws `MALFORMED`, field `coseKey`, and
 * `UNSUPPORTED` for a kind of key or an algorithm that is not known, symmetric keys among them.
 */
export async function decodeCoseKey(bytes: Uint8Array): Promise<ReadKey> {
  return readKey(decodeCbor(bytes, { field: FIELD }));
}

/** Reads a COSE_KeySet. Keys of a kind that is not known are passed over (RFC 9052 §7); a broken one is `MALFORMED`. */
export async function decodeCoseKeySet(bytes: Uint8Array): Promise<readonly ReadKey[]> {
  const list = decodeCbor(bytes, { field: FIELD });
  if (!Array.isArray(list) || list.length === 0) {
    throw new Failure('MALFORMED', 'a COSE_KeySet is a list of keys', { field: FIELD });
  }
  const keys = await Promise.all(list.map((one: CborValue) => readKnown(one)));
  return keys.filter((key) => key !== undefined);
}

async function readKnown(value: CborValue): Promise<ReadKey | undefined> {
  try {
    return await readKey(value);
  } catch (failure) {
    if (isFailure(failure, 'UNSUPPORTED')) return undefined;
    throw failure;
  }
}

async function readKey(value: CborValue): Promise<ReadKey> {
  const { keyId, algorithm: _, ...parts } = coseKeyOf(value);
  const publicKey = await publicKeyOf(parts);
  const id = (value as CborMap).get(ALG);
  const facts = algorithms.find(
    (row) => row.coseAccepted.some((one) => one === id) && keyFits(publicKey, row),
  );
  // A key for something that is not known is not a key for anything else.
  if (id !== undefined && facts === undefined) {
    throw new Failure('UNSUPPORTED', 'unknown algorithm', { field: `${FIELD}.alg` });
  }
  return {
    publicKey,
    ...(keyId === undefined ? {} : { keyId }),
    ...(facts === undefined ? {} : { algorithm: facts.name }),
  };
}
