/**
 * From a signer's certificate to one of the pinned roots: names and signatures (RFC 5280 §6.1.3 a.1, a.4).
 *
 * @module
 */
import { equalBytes } from '../../encoding/bytes.ts';
import { type Certificate, isIssuedBy } from './certificate.ts';
import { refused } from './refused.ts';

/** Certificates of a path, the root included. Also the most that a document may bring. */
export const maxPathLength = 10;

/** What a path is made of. */
export interface PathParts {
  /** Leaf first, each followed by its issuer (RFC 9360 §2, RFC 7515 §4.1.6). */
  readonly chain: readonly Certificate[];
  readonly roots: readonly Certificate[];
  /** Certificates in no order, taken where the chain ends too early. */
  readonly intermediates: readonly Certificate[];
  /** Unix seconds. Decides only between certificates that serve equally well. */
  readonly at: number;
}

/**
 * The path, leaf first, ending with a root of the caller's. A certificate of the chain is never a root
 * by being there. Throws `VERIFICATION_FAILED`: `x509.name`, `x509.signature`, `x509.anchor-key` or
 * `x509.root`.
 */
export async function buildPath({
  chain,
  roots,
  intermediates,
  at,
}: PathParts): Promise<readonly Certificate[]> {
  const path = chain.slice(0, 1);
  let namesake: readonly [Certificate, Certificate] | undefined;
  for (let last = path[0]; last !== undefined && path.length < maxPathLength; last = path.at(-1)) {
    const root = await issuerAmong(roots, last, at);
    if (root !== undefined) return [...path, root];
    namesake ??= namesakeOf(last, roots);
    const next = chain[path.length] ?? (await issuerAmong(unused(intermediates, path), last, at));
    if (next === undefined) break;
    await checkIssued(last, next, path.length);
    path.push(next);
  }
  throw noRoot(path.length - 1, namesake);
}

/** The certificate that issued `certificate`, preferring one that is valid now. */
async function issuerAmong(
  candidates: readonly Certificate[],
  certificate: Certificate,
  at: number,
): Promise<Certificate | undefined> {
  const issuers: Certificate[] = [];
  for (const candidate of candidates) {
    if (isNamed(candidate, certificate) && (await isIssuedBy(certificate, candidate)))
      issuers.push(candidate);
  }
  return issuers.find(({ notBefore, notAfter }) => notBefore <= at && at <= notAfter) ?? issuers[0];
}

function isNamed(issuer: Certificate, certificate: Certificate): boolean {
  return equalBytes(issuer.subject, certificate.issuer);
}

function unused(intermediates: readonly Certificate[], path: readonly Certificate[]): readonly Certificate[] {
  return intermediates.filter((one) => !path.some((taken) => equalBytes(taken.der, one.der)));
}

async function checkIssued(certificate: Certificate, issuer: Certificate, index: number): Promise<void> {
  if (!isNamed(issuer, certificate)) {
    throw refused('x509.name', index, 'the next certificate is not the issuer');
  }
  if (!(await isIssuedBy(certificate, issuer))) {
    throw refused('x509.signature', index - 1, 'the issuer did not sign the certificate');
  }
}

/** A root that has the issuer's name, though its key did not sign. */
function namesakeOf(
  certificate: Certificate,
  roots: readonly Certificate[],
): readonly [Certificate, Certificate] | undefined {
  const root = roots.find((one) => isNamed(one, certificate));
  return root && [certificate, root];
}

function noRoot(index: number, namesake: readonly [Certificate, Certificate] | undefined): Error {
  if (namesake === undefined) return refused('x509.root', index, 'the path ends at no pinned root');
  const [{ authorityKeyId }, { subjectKeyId }] = namesake;
  // RFC 5280 §4.2.1.1: where the certificate says that it was this very key, it is the certificate that was changed.
  const sameKey =
    authorityKeyId !== undefined && subjectKeyId !== undefined && equalBytes(authorityKeyId, subjectKeyId);
  return sameKey
    ? refused('x509.signature', index, 'the root did not sign the certificate')
    : refused('x509.anchor-key', index, 'the pinned root of this name has another key');
}
