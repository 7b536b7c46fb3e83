/**
 * Which keys of a trust may have signed a document, by the names the document gives.
 *
 * @module
 */
import { equalBytes, shortAscii } from '../../encoding/bytes.ts';
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
export function findCandidates(trust: Trust, given: SignedBytes): Candidates | Promise<Candidates> {
  const named = given.keyId === undefined ? NONE : byName(trust, given.keyId);
  const possible =
    given.keyId === undefined ? trust.keys : index(trust).unnamed.filter((key) => !named.includes(key));
  // Nearly no document names a certificate, and one that does not waits for nothing.
  if (given.x5t === undefined && given.x5chain === undefined)
    return { named, possible: fitting(possible, given) };
  return byCertificate(named, possible, given);
}

const NONE: readonly TrustedKey[] = [];

/** With no key of the right type, a wrong one still says why: its algorithm is not the document's. */
function fitting(possible: readonly TrustedKey[], given: SignedBytes): readonly TrustedKey[] {
  const facts = algorithm(given.algorithm);
  const found = possible.filter(({ publicKey }) => keyFits(publicKey, facts));
  return found.length > 0 ? found : possible;
}

/** What the certificates that a document names add and exclude. */
async function byCertificate(
  named: readonly TrustedKey[],
  possible: readonly TrustedKey[],
  given: SignedBytes,
): Promise<Candidates> {
  const meant = new Map<TrustedKey, boolean | undefined>();
  for (const key of [...named, ...possible]) meant.set(key, await isCertificateMeant(key, given));
  return {
    named: [...named.filter((key) => meant.get(key) !== false), ...possible.filter((key) => meant.get(key))],
    possible: fitting(
      possible.filter((key) => meant.get(key) === undefined),
      given,
    ),
  };
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
  /** Key ids that were found, as text of their bytes: no more than the names have forms. */
  readonly found: Map<string, readonly TrustedKey[]>;
}

const indexes = new WeakMap<Trust, Index>();

/** Most documents of an issuer name the same key: what was found for its id is kept. */
function byName(trust: Trust, keyId: Uint8Array | string): readonly TrustedKey[] {
  const { byName, found } = index(trust);
  const asked = typeof keyId === 'string' ? undefined : shortAscii(keyId, 0, keyId.length);
  const known = asked === undefined ? undefined : found.get(asked);
  if (known !== undefined) return known;
  const keys = [...new Set(keyIdNames(keyId).flatMap((name) => byName.get(name) ?? []))];
  if (asked !== undefined && keys.length > 0) found.set(asked, keys);
  return keys;
}

/** Made once: a verifier asks the same trust for every document. */
function index(trust: Trust): Index {
  const known = indexes.get(trust);
  if (known !== undefined) return known;
  const byName = new Map<string, TrustedKey[]>();
  for (const key of trust.keys) {
    const { id, thumbprint } = key.publicKey;
    for (const name of new Set([key.keyId ?? id, id, thumbprint])) {
      const before = byName.get(name);
      if (before === undefined) byName.set(name, [key]);
      else before.push(key);
    }
  }
  const made: Index = {
    byName,
    found: new Map(),
    unnamed: trust.keys.filter(({ keyId }) => keyId === undefined),
  };
  indexes.set(trust, made);
  return made;
}
