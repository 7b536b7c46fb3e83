/**
 * The extensions that path validation uses (RFC 5280 §4.2.1), read by the ASN.1 library.
 *
 * @module
 */
import { equalBytes } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import type { RawExtension } from './cut-certificate.ts';
import { checkDer } from './strict-der.ts';

/** What a key may be used for (RFC 5280 §4.2.1.3). */
export type KeyUsage =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'crlSign'
  | 'encipherOnly'
  | 'decipherOnly';

/** What the extensions of a certificate say. One that is absent says nothing. */
export interface CertificateExtensions {
  /** §4.2.1.9. Only a certificate with `ca` may issue others. */
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: readonly KeyUsage[];
  /** §4.2.1.12, object identifiers. */
  readonly extKeyUsage?: readonly string[];
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: Uint8Array;
  /** Object identifiers of all extensions that are marked critical. */
  readonly criticalExtensions: readonly string[];
}

/** RFC 5280 §4.2.1.9. */
export interface BasicConstraints {
  readonly ca: boolean;
  /** How many authorities may stand between this one and the last certificate. */
  readonly pathLength?: number;
}

const OID = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  certificatePolicies: '2.5.29.32',
  authorityKeyId: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
} as const;

/**
 * Critical extensions that do not stop validation. Alternative names bind nothing here, because the
 * caller asks for no name. Nor do policies: the caller asks for none, and certificates that demand one
 * (policyConstraints) are refused, as are those with nameConstraints.
 */
export const understoodExtensions: ReadonlySet<string> = new Set(Object.values(OID));

/** Reads the extensions that are used. Throws `MALFORMED` for one that RFC 5280 does not allow. */
export async function readExtensions(
  extensions: readonly RawExtension[],
  field: string,
): Promise<CertificateExtensions> {
  // Loaded here, because verification with plain keys has no use for it.
  const [{ AsnConvert }, schemas] = await Promise.all([
    import('@peculiar/asn1-schema'),
    import('@peculiar/asn1-x509'),
  ]);

  function read<T>(oid: string, schema: new () => T): T | undefined {
    const value = extensions.find((one) => one.oid === oid)?.value;
    if (value === undefined) return undefined;
    checkDer(value, field);
    try {
      const parsed = AsnConvert.parse(value, schema);
      // The library passes over elements that it did not expect. What it understood must be all there is.
      if (oid !== OID.authorityKeyId && !isAll(value, new Uint8Array(AsnConvert.serialize(parsed)))) {
        throw new RangeError('there is more than was read');
      }
      return parsed;
    } catch (cause) {
      throw new Failure('MALFORMED', 'an extension is not as RFC 5280 has it', { field }, cause);
    }
  }

  const constraints = read(OID.basicConstraints, schemas.BasicConstraints);
  const usage = read(OID.keyUsage, schemas.KeyUsage);
  const purposes = read(OID.extKeyUsage, schemas.ExtendedKeyUsage);
  const subjectKeyId = read(OID.subjectKeyId, schemas.SubjectKeyIdentifier);
  const authorityKeyId = read(OID.authorityKeyId, schemas.AuthorityKeyIdentifier)?.keyIdentifier;
  return {
    ...(constraints && { basicConstraints: basicConstraints(constraints, field) }),
    ...(usage && { keyUsage: some(usage.toJSON(), field) }),
    ...(purposes && { extKeyUsage: some([...purposes], field) }),
    ...(subjectKeyId && { subjectKeyId: new Uint8Array(subjectKeyId.buffer) }),
    ...(authorityKeyId && { authorityKeyId: new Uint8Array(authorityKeyId.buffer) }),
    criticalExtensions: extensions.filter(({ critical }) => critical).map(({ oid }) => oid),
  };
}

/** `CA:FALSE` written out, though it is the default. Some authorities do. */
const EXPLICIT_FALSE = Uint8Array.of(0x30, 3, 1, 1, 0);

function isAll(value: Uint8Array, written: Uint8Array): boolean {
  return equalBytes(value, written) || equalBytes(value, EXPLICIT_FALSE);
}

/** RFC 5280 §4.2.1.3, §4.2.1.12: a list of what is allowed allows something. */
function some<T>(list: readonly T[], field: string): readonly T[] {
  if (list.length > 0) return list;
  throw new Failure('MALFORMED', 'an extension allows nothing', { field });
}

function basicConstraints(
  { cA, pathLenConstraint }: { readonly cA: boolean; readonly pathLenConstraint?: number },
  field: string,
): BasicConstraints {
  if (pathLenConstraint === undefined) return { ca: cA };
  // The library gives numbers beyond 32 bits as text.
  if (Number.isSafeInteger(pathLenConstraint) && pathLenConstraint >= 0) {
    return { ca: cA, pathLength: pathLenConstraint };
  }
  throw new Failure('MALFORMED', 'the path length is not a number that makes sense', { field });
}
