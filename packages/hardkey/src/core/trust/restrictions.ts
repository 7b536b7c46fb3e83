/**
 * What a trust says against a key holds under every name, and for a certificate of it.
 *
 * @module
 */
import type { PublicKey } from '../public-key.ts';
import type { TrustedKey } from './trust.ts';

/** What is said against a key. */
export type Restrictions = Pick<TrustedKey, 'revokedAt' | 'inactive'>;

/** The earliest revocation of any of `keys` in the list, and whether one of them is inactive there. */
export function restrictions(listed: readonly TrustedKey[], keys: readonly PublicKey[]): Restrictions {
  const prints = new Set(keys.map(({ fingerprint }) => fingerprint));
  return listed.filter(({ publicKey }) => prints.has(publicKey.fingerprint)).reduce(both, {});
}

/** The same for each key of the list, by fingerprint. */
export function restrictionsOfEach(listed: readonly TrustedKey[]): ReadonlyMap<string, Restrictions> {
  const found = new Map<string, Restrictions>();
  for (const key of listed) {
    const { fingerprint } = key.publicKey;
    found.set(fingerprint, both(found.get(fingerprint) ?? {}, key));
  }
  return found;
}

function both(a: Restrictions, b: Restrictions): Restrictions {
  const revocations = [a.revokedAt, b.revokedAt].filter((time) => time !== undefined);
  return {
    ...(revocations.length > 0 && { revokedAt: Math.min(...revocations) }),
    ...((a.inactive || b.inactive) && { inactive: true }),
  };
}
