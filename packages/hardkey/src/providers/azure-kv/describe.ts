/**
 * What Key Vault says of a version of a key, and whether it is the key that was asked for.
 *
 * @module
 */
import { importPublicKey } from '../../core/import-public-key.ts';
import type { KeyState } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import type { AzureKeyName } from '../../core/refs/azure.ts';
import { encodeBase64url } from '../../encoding/base64.ts';
import { type FailureDetails, isFailure } from '../../errors.ts';
import { keyId, type PinnedName, versionOf } from './address.ts';
import { curveOf } from './algorithms.ts';
import type { KeyProperties, PublicJwk, VaultKey } from './calls.ts';
import type { Service } from './client.ts';
import { anotherKey, notAnswered } from './failures.ts';
import { type Marks, marksOf, type Tags } from './tags.ts';

/** A version of a key as Key Vault has it. */
export interface Description extends Marks {
  readonly name: PinnedName;
  readonly publicKey: PublicKey;
  /** `EC`, `RSA`, or with `-HSM` behind it. */
  readonly keyType: string;
  /** `key_ops`: what the service lets it be used for. */
  readonly operations: readonly string[];
  readonly state: KeyState;
  readonly tags: Tags;
  readonly properties: KeyProperties;
}

/** Where a key is looked up. */
export interface Lookup {
  readonly service: Service;
  /** Public halves, which never change, by the id of their version. Kept as long as the provider is. */
  readonly publicKeys: Map<string, PublicKey>;
  readonly details: FailureDetails;
}

/** Looks a key up: the version that is named, or else the current one. */
export async function describeKey(
  lookup: Lookup,
  address: AzureKeyName,
  options: CallOptions,
): Promise<Description> {
  const { service, details } = lookup;
  const { vaultHost, key, version } = address;
  const found = await service.call(
    vaultHost,
    'get',
    (client, how) => client.getKey(key, version === undefined ? how : { ...how, version }),
    options,
    details,
  );
  return descriptionOf(lookup, address, found);
}

/** Reads an answer that holds a version. Throws `SIGNER_MISMATCH` for one of another key. */
export async function descriptionOf(
  { publicKeys, details }: Pick<Lookup, 'publicKeys' | 'details'>,
  address: AzureKeyName,
  found: VaultKey,
): Promise<Description> {
  const { id, key: jwk, keyOperations: operations, properties = {} } = found;
  if (id === undefined || jwk === undefined || operations === undefined) throw notAnswered(details);
  const version = versionOf(id, address);
  if (version === undefined) throw anotherKey(details);
  const { kty: keyType = '' } = jwk;
  const name = { vaultHost: address.vaultHost, key: address.key, version };
  const publicKey = publicKeys.get(keyId(name)) ?? (await readPublicKey(jwk, details));
  publicKeys.set(keyId(name), publicKey);
  const tags = properties.tags ?? {};
  const marks = marksOf(tags);
  return {
    ...marks,
    name,
    publicKey,
    keyType,
    operations,
    state: stateOf(properties, marks),
    tags,
    properties,
  };
}

/** A key of another kind is `UNSUPPORTED`; a broken one is no answer. */
async function readPublicKey(jwk: PublicJwk, details: FailureDetails): Promise<PublicKey> {
  const text = (bytes: Uint8Array | undefined): string => encodeBase64url(bytes ?? new Uint8Array());
  const kty = jwk.kty?.replace(/-HSM$/, '');
  try {
    if (kty === 'RSA') return await importPublicKey({ kty, n: text(jwk.n), e: text(jwk.e) });
    return await importPublicKey({ kty, crv: curveOf(jwk.crv) ?? jwk.crv, x: text(jwk.x), y: text(jwk.y) });
  } catch (error) {
    throw isFailure(error, 'MALFORMED') ? notAnswered({ ...details, field: 'publicKey' }) : error;
  }
}

function stateOf({ enabled }: KeyProperties, { isCompromised }: Marks): KeyState {
  if (enabled === false) return 'suspended';
  return isCompromised ? 'compromised' : 'active';
}
