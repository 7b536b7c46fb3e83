/**
 * Which keys of a trust may have signed a document, by the names the document gives.
 *
 * @module
 */
import { equalBytes } from '../../encoding/bytes.ts';
import { algorithm } from '../algorithms.ts';
import { keyFits } from '../verify.ts';
import { certificateHash } from '../x509/x5t.ts';
import { keyIdNames } from './key-id.ts';
import type { Trust, TrustedKey } from './trust.ts';
import type { SignedBytes } from './verify-trusted.ts';

/** The keys a document names, and those it does not exclude. */
export interface Candidates {
  readonly named: readonly TrustedKey[];
  readonly possible: readonly TrustedKey[];
}

/**
 * A key that the trust gives a name is a candidate for that name, its id and its thumbprint only; a key
 * without a name is one for any. A certificate is not one when `x5t` is the hash of another.
 */
export async function findCandidates(trust: Trust, given: SignedBytes): Promise<Candidates> {
  const named = given.keyId === undefined ? new Set<TrustedKey>() : byName(trust, given.keyId);
  const possible = new Set(given.keyId === undefined ? trust.keys : unnamed(trust));
  for (const key of [...named, ...possible]) {
    const meant = await isCertificateMeant(key, given);
    if (meant === false) named.delete(key);
    if (meant === true && possible.has(key)) named.add(key);
    if (meant !== undefined || named.has(key)) possible.delete(key);
  }
  const facts = algorithm(given.algorithm);
  const fitting = [...possible].filter(({ publicKey }) => keyFits(publicKey, facts));
  // With no key of the right type, a wrong one still says why: its algorithm is not the document's.
  return { named: [...named], possible: fitting.length > 0 ? fitting : [...possible] };
}

/** Whether the document names the key's certificate; undefined where one of them names none. */
async function isCertificateMeant(
  { certificate }: TrustedKey,
  { x5t, x5chain }: SignedBytes,
): Promise<boolean | undefined> {
  if (certificate === undefined) return undefined;
  if (x5t !== undefined) {
    return equalBytes((await certificateHash(certificate, x5t.algorithm)).hash, x5t.hash);
  }
  const [leaf] = x5chain ?? [];
  // Another certificate may be of the same key: a chain is there to be validated, not to exclude.
  return leaf !== undefined && equalBytes(leaf, certificate) ? true : undefined;
}

interface Index {
  readonly byName: ReadonlyMap<string, readonly TrustedKey[]>;
  readonly unnamed: readonly TrustedKey[];
}

const indexes = new WeakMap<Trust, Index>();

function byName(trust: Trust, keyId: Uint8Array | string): Set<TrustedKey> {
  const { byName } = index(trust);
  return new Set(keyIdNames(keyId).flatMap((name) => byName.get(name) ?? []));
}

function unnamed(trust: Trust): readonly TrustedKey[] {
  return index(trust).unnamed;
}

/** Made once: a verifier asks the same trust for every document. */
function index(trust: Trust): Index {
  const known = indexes.get(trust);
  if (known !== undefined) return known;
  const byName = new Map<string, TrustedKey[]>();
  for (const key of trust.keys) {
    const { id, thumbprint } = key.publicKey;
    for (const name of new Set([key.keyId ?? id, id, thumbprint])) {
      byName.set(name, [...(byName.get(name) ?? []), key]);
    }
  }
  const made = { byName, unnamed: trust.keys.filter(({ keyId }) => keyId === undefined) };
  indexes.set(trust, made);
  return made;
}
