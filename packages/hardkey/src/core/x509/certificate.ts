/**
 * Reads X.509 certificates (RFC 5280 §4). Reading says nothing about trust: see `path.ts`.
 *
 * @module
 */
import { encodeHex } from '../../encoding/hex.ts';
import { Failure } from '../../errors.ts';
import { importPublicKey } from '../import-public-key.ts';
import { lately } from '../lately.ts';
import type { PublicKey } from '../public-key.ts';
import { cutCertificate, type RawCertificate } from './cut-certificate.ts';
import { type CertificateExtensions, readExtensions } from './extensions.ts';
import { isSignedBy } from './signature-algorithm.ts';
import { checkDer } from './strict-der.ts';

/** Bytes of the largest certificate that is read. */
export const maxCertificateBytes = 16_384;

/** What a certificate says. Nothing of it is true before a path to a trusted root was validated. */
export interface Certificate extends RawCertificate, CertificateExtensions {
  /** Imports the key, once. Throws `UNSUPPORTED` for a kind of key that is not known. */
  publicKey(): Promise<PublicKey>;
}

/**
 * Reads one certificate, DER. Throws `MALFORMED` with `field` for anything RFC 5280 does not allow,
 * and for more than {@link maxCertificateBytes}. The ASN.1 library is loaded by the first call.
 */
export async function parseCertificate(bytes: Uint8Array, field = 'x509'): Promise<Certificate> {
  if (bytes.length > maxCertificateBytes) {
    throw new Failure('MALFORMED', 'the certificate is too large', { field });
  }
  const name = encodeHex(bytes);
  return recent.get(name) ?? recent.keep(name, await read(Uint8Array.from(bytes), field));
}

/** Whether the key of `issuer` signed `certificate`. Names and permissions are not looked at. */
export async function isIssuedBy(certificate: Certificate, issuer: Certificate): Promise<boolean> {
  const { signatureAlgorithm, tbs, signature } = certificate;
  return isSignedBy(await issuer.publicKey(), signatureAlgorithm, tbs, signature);
}

// The same few certificates come with document after document, and their keys are imported once each.
const recent = lately<Certificate>(64);

async function read(bytes: Uint8Array, field: string): Promise<Certificate> {
  checkDer(bytes, field);
  const { extensions, ...raw } = cutCertificate(bytes, field);
  let key: PublicKey | undefined;
  return Object.freeze({
    ...raw,
    ...(await readExtensions(extensions, field)),
    publicKey: async () => {
      key ??= await importPublicKey(raw.spki);
      return key;
    },
  });
}
