/**
 * The X.509 header parameters (RFC 9360 §2) of a signer, checked before anything is signed with them.
 *
 * @module
 */
import { isPublicKey } from '../../core/option-table.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { type Certificate, isIssuedBy, parseCertificate } from '../../core/x509/certificate.ts';
import { certificateHash } from '../../core/x509/x5t.ts';
import { equalBytes } from '../../encoding/bytes.ts';
import { CborTag, type CborValue } from '../../encoding/cbor/index.ts';
import { decodePem } from '../../encoding/pem.ts';
import { Failure, invalid } from '../../errors.ts';
import { type HeaderMap, headerLabel } from './headers.ts';
import { checkNames } from './options.ts';
import { certificatesGiven } from './signer-headers.ts';

/** Certificates: PEM text of any number, or the DER of each. */
export type CertificateList = string | readonly Uint8Array[];

/** What a signer says of its certificates. */
export interface CertificateOptions {
  /** The signer's certificate and those after it, each followed by its issuer. The root may be left out. */
  readonly x5chain?: CertificateList;
  /** The hash of the signer's certificate: that of `x5chain`, or the one given here as DER. */
  readonly x5t?: true | Uint8Array;
  /** Other certificates that may help to build a path, in no order. */
  readonly x5bag?: CertificateList;
  /** Where the certificates can be had: an absolute URI. */
  readonly x5u?: string;
}

/** Header parameters that are known to be the signer's. Made by {@link signerCertificates}, once for each key. */
export interface SignerCertificates {
  /** Of the key in the signer's certificate; absent where only a bag or a URI was given. */
  readonly fingerprint?: string;
  /** The period of that certificate, in Unix seconds, both ends inclusive. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly parameters: HeaderMap;
}

/** RFC 9360 §2: a text string that is a URI (RFC 8949 §3.4.5.3). */
const URI_TAG = 32;

/**
 * Checks certificates and writes them as header parameters, which all go into the protected bucket:
 * RFC 9360 §2 wants the signer's certificate covered by the signature.
 *
 * Throws `SIGNER_MISMATCH`, with both fingerprints, when the first certificate is of another key than
 * `signer`'s; `ARGUMENT_INVALID`, field `x5chain.N`, for a certificate that the next one did not issue
 * or that is not for signatures; `MALFORMED`, with the same field, for one that cannot be read.
 */
export async function signerCertificates(
  signer: { readonly publicKey: PublicKey },
  options: CertificateOptions,
): Promise<SignerCertificates> {
  checkNames(options, ['x5chain', 'x5t', 'x5bag', 'x5u']);
  if (!isPublicKey((signer as Partial<typeof signer> | null)?.publicKey))
    throw invalid('a signer is needed', 'signer');
  const { x5chain, x5t, x5bag, x5u } = options;
  const chain = x5chain === undefined ? [] : await parseAll(x5chain, 'x5chain');
  const leaf = x5t instanceof Uint8Array ? await parseCertificate(x5t, 'x5t') : chain[0];
  const parameters = new Map<CborValue, CborValue>();
  if (x5bag !== undefined) parameters.set(headerLabel.x5bag, listed(await parseAll(x5bag, 'x5bag')));
  if (chain.length > 0) parameters.set(headerLabel.x5chain, listed(chain));
  if (x5t !== undefined) parameters.set(headerLabel.x5t, await thumbprint(leaf));
  if (x5u !== undefined) parameters.set(headerLabel.x5u, uri(x5u));
  if (parameters.size === 0) throw invalid('there is no certificate', 'certificates');
  for (const one of new Set([leaf, chain[0]])) if (one !== undefined) await checkLeaf(one, signer.publicKey);
  await checkOrder(chain);
  return Object.freeze({ ...(leaf === undefined ? {} : await periodOf(leaf)), parameters });
}

/** Throws `ARGUMENT_INVALID`, field `issuedAt`, for a time of issue, in Unix seconds, outside the signer's certificate. */
export function checkIssueTime(certificates: SignerCertificates, issuedAt: number | undefined): void {
  const { notBefore = Number.NEGATIVE_INFINITY, notAfter = Number.POSITIVE_INFINITY } =
    certificatesGiven(certificates);
  if (issuedAt === undefined) return;
  if (typeof issuedAt !== 'number') throw invalid('a time is a number of seconds', 'issuedAt');
  if (issuedAt >= notBefore && issuedAt <= notAfter) return;
  throw invalid('the certificate of the signer is not valid at the time of issue', 'issuedAt');
}

async function parseAll(list: CertificateList, field: string): Promise<readonly Certificate[]> {
  const ders = typeof list === 'string' ? fromPem(list, field) : list;
  if (!Array.isArray(ders) || ders.length === 0) throw invalid('there is no certificate', field);
  return Promise.all(
    ders.map((der: unknown, index) => {
      if (der instanceof Uint8Array) return parseCertificate(der, `${field}.${index}`);
      throw invalid('a certificate is bytes', `${field}.${index}`);
    }),
  );
}

function fromPem(text: string, field: string): readonly Uint8Array[] {
  return decodePem(text, field).map(({ label, bytes }, index) => {
    if (label === 'CERTIFICATE') return bytes;
    // A private key beside its certificates has no place in a document.
    throw invalid('something else than a certificate', `${field}.${index}`);
  });
}

/** COSE_X509 (RFC 9360 §2): one certificate by itself, two or more as an array. */
function listed(certificates: readonly Certificate[]): CborValue {
  const [first, ...others] = certificates.map(({ der }) => der);
  return others.length === 0 ? first : certificates.map(({ der }) => der);
}

async function thumbprint(leaf: Certificate | undefined): Promise<CborValue> {
  if (leaf === undefined) throw invalid('there is no certificate to hash', 'x5t');
  const { algorithm, hash } = await certificateHash(leaf.der);
  return [algorithm, hash];
}

function uri(text: string): CborValue {
  if (typeof text === 'string' && URL.canParse(text)) return new CborTag(URI_TAG, text);
  throw invalid('not an absolute URI', 'x5u');
}

async function checkLeaf(leaf: Certificate, publicKey: PublicKey): Promise<void> {
  const { fingerprint } = await leaf.publicKey();
  if (fingerprint !== publicKey.fingerprint) {
    throw new Failure('SIGNER_MISMATCH', 'the first certificate is of another key', {
      field: 'x5chain.0',
      expected: fingerprint,
      actual: publicKey.fingerprint,
    });
  }
  // RFC 5280 §4.2.1.3: a verifier refuses a key that is for another use.
  const { keyUsage = ['digitalSignature'] } = leaf;
  if (keyUsage.includes('digitalSignature') || keyUsage.includes('nonRepudiation')) return;
  throw invalid('the certificate is not for signatures', 'x5chain.0');
}

async function checkOrder(chain: readonly Certificate[]): Promise<void> {
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer === undefined) return;
    const named = equalBytes(issuer.subject, certificate.issuer);
    if (named && (await isIssuedBy(certificate, issuer))) continue;
    throw invalid('the next certificate did not issue this one', `x5chain.${index}`);
  }
}

async function periodOf(leaf: Certificate): Promise<Omit<SignerCertificates, 'parameters'>> {
  const { fingerprint } = await leaf.publicKey();
  return { fingerprint, notBefore: leaf.notBefore, notAfter: leaf.notAfter };
}
