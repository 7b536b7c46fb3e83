/**
 * The keys of a key ring.
 *
 * @module
 */
import type { KeyInfo } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import { isFailure } from '../../errors.ts';
import { algorithmOf } from './algorithms.ts';
import type { CryptoKey, CryptoKeyVersion } from './calls.ts';
import { describeVersion, type Lookup } from './describe.ts';
import { notAnswered } from './failures.ts';
import { infoOf } from './key.ts';
import { marksOf } from './labels.ts';
import { currentVersion, latestFirst } from './versions.ts';

/** Keys that are looked up at the same time. */
const AT_ONCE = 16;

/**
 * Every version that can be used here, the current one of each key first. Left out are those of algorithms
 * that are not known here, that are destroyed or await it, or that the caller may not see.
 */
export async function listKeys(
  lookup: Lookup,
  ring: string,
  options: CallOptions,
): Promise<readonly KeyInfo[]> {
  const keys = await lookup.service.listAll('listCryptoKeys', ring, options, lookup.details);
  const found: KeyInfo[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE).map((key) => versionsOf(lookup, ring, key, options));
    found.push(...(await Promise.all(some)).flat());
  }
  return found;
}

/** The versions of a key of the ring. */
async function versionsOf(
  lookup: Lookup,
  ring: string,
  key: CryptoKey,
  options: CallOptions,
): Promise<readonly KeyInfo[]> {
  const { service, details } = lookup;
  const keyName = key.name ?? '';
  if (!keyName.startsWith(`${ring}/cryptoKeys/`))
    throw notAnswered({ ...details, operation: 'listCryptoKeys' });
  const versions = await service.listAll('listCryptoKeyVersions', keyName, options, details);
  const infos = await Promise.all(
    currentFirst(lookup, key, versions).map((version) => knownVersion(lookup, key, version, options)),
  );
  return infos.filter((info) => info !== undefined);
}

function currentFirst(
  { details }: Lookup,
  key: CryptoKey,
  versions: readonly CryptoKeyVersion[],
): readonly CryptoKeyVersion[] {
  try {
    const current = currentVersion(key, versions, marksOf(key), details);
    return [current, ...latestFirst(versions).filter(({ name }) => name !== current.name)];
  } catch (error) {
    if (isFailure(error, 'KEY_NOT_FOUND')) return [];
    throw error;
  }
}

/** What is known of a version; undefined for one that is left out. */
async function knownVersion(
  lookup: Lookup,
  key: CryptoKey,
  version: CryptoKeyVersion,
  options: CallOptions,
): Promise<KeyInfo | undefined> {
  if (algorithmOf(String(version.algorithm)) === undefined) return undefined;
  // On its way to be one.
  if (version.state === 'PENDING_GENERATION') return undefined;
  try {
    return await infoOf(await describeVersion(lookup, key, version, key.name ?? '', options));
  } catch (error) {
    if (isFailure(error, 'DENIED') || isFailure(error, 'KEY_NOT_FOUND')) return undefined;
    throw error;
  }
}
