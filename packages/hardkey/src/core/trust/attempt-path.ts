/**
 * Verification by the certificates that a document brings.
 *
 * @module
 */
import { equalBytes } from '../../encoding/bytes.ts';
import { type Failure, isFailure } from '../../errors.ts';
import { algorithm } from '../algorithms.ts';
import { isGenuine, keyFits } from '../verify.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { validatePath } from '../x509/path.ts';
import { refused } from '../x509/refused.ts';
import { type CertificateHash, certificateHash } from '../x509/x5t.ts';
import { judge } from './judge.ts';
import { certificateKey, documentUsage } from './read-certificate.ts';
import { restrictions } from './restrictions.ts';
import type { Trust, TrustedKey } from './trust.ts';
import type { Attempt, SignedBytes } from './verify-trusted.ts';

/** Every check of the document's path and of the key it leads to, or why it leads to none. */
export async function attemptPath(trust: Trust, given: SignedBytes, at: Date): Promise<Attempt> {
  const { x5chain = [], x5t, intermediates } = given;
  try {
    const { leaf, path, checks } = await validatePath(x5chain, await rootsOf(trust), {
      at,
      usage: documentUsage,
      ...(intermediates !== undefined && { intermediates }),
      ...(trust.extKeyUsage !== undefined && { extKeyUsage: trust.extKeyUsage }),
    });
    await checkThumbprint(leaf, x5t);
    const key = await pathKey(trust, leaf, path);
    return { key, checks: [...checks, ...(await judge(key, given, at.getTime() / 1000))] };
  } catch (failure) {
    // Broken certificates make a broken document; anything else leaves the other keys to be tried.
    if (!isFailure(failure, 'VERIFICATION_FAILED') && !isFailure(failure, 'UNSUPPORTED')) throw failure;
    return refusedPath(failure, given);
  }
}

/** A path leads to a root, by the checks before those of its time: what its leaf did not sign is forged. */
async function refusedPath(
  failure: Failure,
  { x5chain: [leaf] = [], algorithm: name, message, signature }: SignedBytes,
): Promise<Attempt> {
  const { check = 'x509.signature' } = failure.details;
  const refusal = { name: check, passed: false };
  if (leaf === undefined || !/^x509\.not-(?:before|after)$/.test(check))
    return { checks: [refusal], failure };
  const key = await (await parseCertificate(leaf)).publicKey();
  const passed = keyFits(key, algorithm(name)) && (await isGenuine(key, name, message, signature));
  return { checks: [refusal, { name: 'signature', passed }], ...(passed && { failure }) };
}

/** RFC 9360 §2: `x5t` names the certificate of the signer. */
async function checkThumbprint(leaf: Certificate, x5t: CertificateHash | undefined): Promise<void> {
  if (x5t === undefined) return;
  const { hash } = await certificateHash(leaf.der, x5t.algorithm);
  if (!equalBytes(hash, x5t.hash)) throw refused('x509.x5t', 0, 'the thumbprint is of another certificate');
}

/** The leaf's key under the limits of the trust: its allow-list, and what it says against any key of the path. */
async function pathKey(trust: Trust, leaf: Certificate, path: readonly Certificate[]): Promise<TrustedKey> {
  const key = await certificateKey(leaf);
  const keys = await Promise.all(path.map((certificate) => certificate.publicKey()));
  return {
    ...key,
    algorithms: key.algorithms.filter((name) => trust.algorithms?.includes(name) ?? true),
    ...restrictions(trust.keys, keys),
  };
}

const roots = new WeakMap<Trust, readonly Certificate[]>();

async function rootsOf(trust: Trust): Promise<readonly Certificate[]> {
  const known = roots.get(trust);
  if (known !== undefined) return known;
  const read = await Promise.all(
    trust.roots.map((root, index) => parseCertificate(root, `trust.roots.${index}`)),
  );
  roots.set(trust, read);
  return read;
}
