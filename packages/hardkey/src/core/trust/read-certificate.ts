/**
 * Certificates as a part of a trust.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { type KeyUsage, understoodExtensions } from '../x509/extensions.ts';
import type { TrustEntry } from './read-source.ts';
import { signatureAlgorithms } from './signing-keys.ts';
import type { TrustedKey } from './trust.ts';

/** What a key must be for to sign documents: RFC 5280 §4.2.1.3, either of the two. */
export const documentUsage: readonly KeyUsage[] = ['digitalSignature', 'nonRepudiation'];

/**
 * RFC 5280 §4.2.1.9: an authority says so; every other certificate is that of a signer. An authority
 * whose key may also sign documents is both, as certificates are that people sign for themselves.
 */
export async function readTrustedCertificate(
  bytes: Uint8Array,
  field: string,
): Promise<readonly TrustEntry[]> {
  const certificate = await parseCertificate(bytes, field);
  const { criticalExtensions, basicConstraints, der } = certificate;
  const isUnderstood = criticalExtensions.every((oid) => understoodExtensions.has(oid));
  if (basicConstraints?.ca) {
    const signs = isUnderstood && signsDocuments(certificate);
    return signs ? [{ root: der }, await certificateKey(certificate)] : [{ root: der }];
  }
  // §4.2: whoever does not understand a critical extension does not use the certificate.
  if (!isUnderstood) {
    throw new Failure('UNSUPPORTED', 'a critical extension is not understood', { field });
  }
  return [await certificateKey(certificate)];
}

/** The key of a signer's certificate, as long as the certificate is valid. */
export async function certificateKey(certificate: Certificate): Promise<TrustedKey> {
  const { der, notBefore, notAfter } = certificate;
  const publicKey = await certificate.publicKey();
  const algorithms = signsDocuments(certificate) ? signatureAlgorithms(publicKey) : [];
  return { publicKey, algorithms, notBefore, notAfter, certificate: der };
}

function signsDocuments({ keyUsage }: Certificate): boolean {
  return keyUsage === undefined || documentUsage.some((usage) => keyUsage.includes(usage));
}
