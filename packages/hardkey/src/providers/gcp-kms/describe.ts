/**
 * What Cloud KMS says of a version of a key, put together from what the caller may ask.
 *
 * @module
 */
import { importPublicKey } from '../../core/import-public-key.ts';
import type { KeyState } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { encodeBase64url } from '../../encoding/base64.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { type FailureDetails, isFailure } from '../../errors.ts';
import { type Address, versionName } from './address.ts';
import { algorithmOf, isAsymmetric, isPostQuantum } from './algorithms.ts';
import type { CryptoKey, CryptoKeyVersion, KmsPublicKey } from './calls.ts';
import { checkedBytes } from './checksums.ts';
import type { Service } from './client.ts';
import { anotherKey, notAnswered } from './failures.ts';
import { type Marks, marksOf } from './labels.ts';
import { currentVersion, isBefore, nameOf, stateOf } from './versions.ts';

/** A version of a key as Cloud KMS has it. */
export interface Description {
  /** The name of the version. */
  readonly name: string;
  readonly algorithm: string;
  readonly protectionLevel: string;
  readonly state: KeyState;
  readonly marks: Marks;
  /** A rotation here has made a later version current. */
  readonly isSuperseded: boolean;
  /** What the service said; undefined where the caller may only have the public half. */
  readonly version: CryptoKeyVersion | undefined;
  /** Undefined for symmetric keys, and while Cloud KMS does not show that of a disabled version. */
  readonly publicKey: PublicKey | undefined;
}

/** Where keys are looked up. */
export interface Lookup {
  readonly service: Service;
  /** Public halves, which never change, by the names of their versions: kept as long as the provider is. */
  readonly publicKeys: Map<string, PublicKey>;
  readonly details: FailureDetails;
}

/**
 * Looks a version up. A principal that may not describe keys, and may view the public key of the version
 * that it names, learns from that what it needs.
 */
export async function describeKey(
  lookup: Lookup,
  address: Address,
  options: CallOptions,
): Promise<Description> {
  const { service, details } = lookup;
  const { keyName, version: number } = address;
  if (number === undefined) return describeCurrent(lookup, keyName, options);
  const name = versionName(keyName, number);
  const [key, version] = await Promise.allSettled([
    service.call('getCryptoKey', { name: keyName }, options, details),
    service.call('getCryptoKeyVersion', { name }, options, details),
  ]);
  const described = orDenied(version);
  if (described === undefined) return describePublic(lookup, name, options, version);
  if (described.name !== name) throw anotherKey(described.name, details);
  const whole = orDenied(key);
  if (whole !== undefined && whole.name !== keyName) throw anotherKey(whole.name, details);
  return describeVersion(lookup, whole, described, keyName, options);
}

/** What is said of a version that was found already. Throws as {@link describeKey} does. */
export async function describeVersion(
  lookup: Lookup,
  key: CryptoKey | undefined,
  version: CryptoKeyVersion,
  keyName: string,
  options: CallOptions,
): Promise<Description> {
  const { details } = lookup;
  const name = nameOf(version, keyName, details);
  const algorithm = String(version.algorithm);
  const state = stateOf(version, details);
  const marks = marksOf(key);
  const isCompromised = state === 'active' && marks.compromised.has(name.slice(name.lastIndexOf('/') + 1));
  return {
    name,
    algorithm,
    protectionLevel: String(version.protectionLevel),
    state: isCompromised ? 'compromised' : state,
    marks,
    isSuperseded: name !== key?.primary?.name && isBefore(version, marks),
    version,
    publicKey: isAsymmetric(algorithm)
      ? await publicKeyOf(lookup, name, algorithm, state, options)
      : undefined,
  };
}

async function describeCurrent(lookup: Lookup, keyName: string, options: CallOptions): Promise<Description> {
  const { service, details } = lookup;
  const [key, versions] = await Promise.all([
    service.call('getCryptoKey', { name: keyName }, options, details),
    service.listAll('listCryptoKeyVersions', keyName, options, details),
  ]);
  if (key.name !== keyName) throw anotherKey(key.name, details);
  const current = currentVersion(key, versions, marksOf(key), details);
  return describeVersion(lookup, key, current, keyName, options);
}

/** What the public half says. Where that is refused as well, the first refusal is the answer. */
async function describePublic(
  lookup: Lookup,
  name: string,
  options: CallOptions,
  refused: PromiseSettledResult<unknown>,
): Promise<Description> {
  const shown = await shownKey(lookup, name, options).catch((error: unknown) => {
    const isRefused = isFailure(error, 'DENIED') && error.details.field === undefined;
    throw isRefused && refused.status === 'rejected' ? refused.reason : error;
  });
  const algorithm = String(shown.algorithm);
  const marks = marksOf(undefined);
  const publicKey = await imported(lookup, name, algorithm, shown);
  return {
    name,
    algorithm,
    protectionLevel: String(shown.protectionLevel),
    state: 'active',
    marks,
    isSuperseded: false,
    version: undefined,
    publicKey,
  };
}

/** The public half of a version whose algorithm is not known. Without a format those of ML-DSA are not shown. */
async function shownKey(
  { service, details }: Lookup,
  name: string,
  options: CallOptions,
): Promise<KmsPublicKey> {
  try {
    return await service.call('getPublicKey', { name }, options, details);
  } catch (error) {
    if (!isFailure(error, 'ARGUMENT_INVALID')) throw error;
    return service.call('getPublicKey', { name, ...POST_QUANTUM }, options, details);
  }
}

const POST_QUANTUM = { publicKeyFormat: 'NIST_PQC' } as const;

/** What was answered; undefined where the caller may not ask. */
function orDenied<T>(settled: PromiseSettledResult<T>): T | undefined {
  if (settled.status === 'fulfilled') return settled.value;
  if (isFailure(settled.reason, 'DENIED') && settled.reason.details.field === undefined) return undefined;
  throw settled.reason;
}

async function publicKeyOf(
  lookup: Lookup,
  name: string,
  algorithm: string,
  state: KeyState,
  options: CallOptions,
): Promise<PublicKey | undefined> {
  const { service, publicKeys, details } = lookup;
  const kept = publicKeys.get(name);
  if (kept !== undefined) return kept;
  const format = isPostQuantum(algorithm) ? POST_QUANTUM : {};
  try {
    const shown = await service.call('getPublicKey', { name, ...format }, options, details);
    return await imported(lookup, name, algorithm, shown);
  } catch (error) {
    if (state === 'suspended' && isFailure(error, 'DENIED')) return undefined;
    throw error;
  }
}

/** Takes a public key in that is of this version and this algorithm, and arrived whole. */
async function imported(
  { publicKeys, details }: Lookup,
  name: string,
  algorithm: string,
  shown: KmsPublicKey,
): Promise<PublicKey> {
  const about = { ...details, operation: 'getPublicKey' };
  if (shown.name !== name || shown.algorithm !== algorithm) throw anotherKey(shown.name, about);
  const publicKey = await importPublicKey(sourceOf(algorithm, shown, about)).catch((error: unknown) => {
    throw isFailure(error, 'MALFORMED') ? notAnswered({ ...about, field: 'publicKey' }) : error;
  });
  publicKeys.set(name, publicKey);
  return publicKey;
}

function sourceOf(
  algorithm: string,
  { pem, pemCrc32c, publicKey }: KmsPublicKey,
  details: FailureDetails,
): string | Record<string, string> {
  if (isPostQuantum(algorithm)) {
    const raw = checkedBytes(publicKey ?? {}, 'data', details, 'crc32cChecksum');
    return { kty: 'AKP', alg: algorithmOf(algorithm) ?? '', pub: encodeBase64url(raw) };
  }
  if (!pem) throw notAnswered(details);
  checkedBytes({ pem: utf8(pem), pemCrc32c }, 'pem', details);
  return pem;
}
