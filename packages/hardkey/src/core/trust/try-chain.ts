/**
 * Verification by the certificates of a document, up to a root of the trust.
 *
 * @module
 */
import { equalBytes } from '../../encoding/bytes.ts';
import { isFailure } from '../../errors.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { validatePath } from '../x509/path.ts';
import { refused } from '../x509/refused.ts';
import { type CertificateHash, certificateHash } from '../x509/x5t.ts';
import { certificateKey, documentUsage } from './certificate-source.ts';
import { judge } from './judge.ts';
import { restrictions } from './restrictions.ts';
import type { Trust, TrustedKey } from './trust.ts';
import type { Attempt, SignedBytes, Trusted } from './verify-trusted.ts';

/** Who signed, if the key that the path leads to did and may; what failed is added to `failed` where not. */
export async function tryChain(
  trust: Trust,
  given: SignedBytes & Required<Pick<SignedBytes, 'x5chain'>>,
  at: Date,
  failed: Attempt[],
): Promise<Trusted | undefined> {
  try {
    const { leaf, path, checks } = await validatePath(given.x5chain, await rootsOf(trust), {
      at,
      usage: documentUsage,
      ...(given.intermediates !== undefined && { intermediates: given.intermediates }),
      ...(trust.extKeyUsage !== undefined && { extKeyUsage: trust.extKeyUsage }),
    });
    await checkThumbprint(leaf, given.x5t);
    const key = await pathKey(trust, leaf, path);
    const all = [...checks, ...(await judge(key, given, at.getTime() / 1000))];
    if (all.every(({ passed }) => passed)) return { key, checks: all };
    failed.push({ key, checks: all });
  } catch (failure) {
    // Broken certificates make a broken document; anything else leaves the other keys to be tried.
    if (!isFailure(failure, 'VERIFICATION_FAILED') && !isFailure(failure, 'UNSUPPORTED')) throw failure;
    failed.push({ checks: [{ name: failure.details.check ?? 'x509.signature', passed: false }], failure });
  }
  return undefined;
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
