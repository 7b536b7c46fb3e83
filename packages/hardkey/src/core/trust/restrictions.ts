/**
 * What a trust says against a key holds under every name, and for a certificate of it.
 *
 * @module
 */
import type { PublicKey } from '../public-key.ts';
import type { TrustedKey } from './trust.ts';

/** The earliest revocation of any of `keys` in the list, and whether one of them is inactive there. */
export function restrictions(
  listed: readonly TrustedKey[],
  keys: readonly PublicKey[],
): Pick<TrustedKey, 'revokedAt' | 'inactive'> {
  const prints = new Set(keys.map(({ fingerprint }) => fingerprint));
  const same = listed.filter(({ publicKey }) => prints.has(publicKey.fingerprint));
  const revocations = same.flatMap(({ revokedAt }) => (revokedAt === undefined ? [] : [revokedAt]));
  return {
    ...(revocations.length > 0 && { revokedAt: Math.min(...revocations) }),
    ...(same.some(({ inactive }) => inactive) && { inactive: true }),
  };
}
