/**
 * Cuts a certificate (RFC 5280 §4.1) into byte strings. What is signed and what is compared are the
 * very bytes that came in, never something written again from what was understood.
 *
 * @module
 */
import { equalBytes, fromUtf8 } from '../../encoding/bytes.ts';
import { DerReader, der, derTag } from '../../encoding/der.ts';
import { Failure } from '../../errors.ts';
import { type AlgorithmIdentifier, readAlgorithm } from './signature-algorithm.ts';

/** One extension, not yet read. */
export interface RawExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** The parts of a certificate; names and keys with their headers. */
export interface RawCertificate {
  readonly der: Uint8Array;
  /** TBSCertificate: the signed part. */
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** DER of the Name. Two names are equal when their bytes are. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Unix seconds, inclusive. */
  readonly notBefore: number;
  /** Unix seconds, inclusive. */
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
}

const VERSION = 0xa0;
const UNIQUE_IDS = [0x81, 0x82];
const EXTENSIONS = 0xa3;
const BOOLEAN = 0x01;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/** Cuts a certificate. Throws `MALFORMED` where it has not the outline of RFC 5280 §4.1. */
export function cutCertificate(
  bytes: Uint8Array,
  field: string,
): RawCertificate & { readonly extensions: readonly RawExtension[] } {
  const outer = new DerReader(bytes, field);
  const certificate = outer.enter();
  outer.end();
  const contents = certificate.read(derTag.sequence);
  const body = new DerReader(contents, field, contents.byteOffset - bytes.byteOffset);
  const version = body.tag === VERSION ? body.enter(VERSION).unsigned() : V1;
  body.read(derTag.integer);
  const algorithm = sequence(body);
  const issuer = sequence(body);
  const validity = body.enter();
  const times = { notBefore: seconds(validity, field), notAfter: seconds(validity, field) };
  validity.end();
  const subject = sequence(body);
  const spki = sequence(body);
  for (const tag of UNIQUE_IDS) if (body.tag === tag) body.read(tag);
  const extensions = body.tag === EXTENSIONS ? readExtensionList(body.enter(EXTENSIONS), field) : [];
  body.end();
  // RFC 5280 §4.1.2.1, §4.1.2.9: only version 3 has extensions.
  if (extensions.length > 0 && !equalBytes(version, V3)) throw malformed('the version is wrong', field);
  // RFC 5280 §4.1.1.2: the algorithm outside the signed part repeats the one inside.
  if (!equalBytes(algorithm, sequence(certificate))) throw malformed('two signature algorithms', field);
  const signature = certificate.bits();
  certificate.end();
  return {
    der: bytes,
    tbs: der(derTag.sequence, contents),
    signatureAlgorithm: readAlgorithm(algorithm, field),
    signature,
    issuer,
    subject,
    ...times,
    spki,
    extensions,
  };
}

const V1 = Uint8Array.of(0);
const V3 = Uint8Array.of(2);

/** The next element with its header: lengths are minimal, so writing it again gives the same bytes. */
function sequence(reader: DerReader): Uint8Array {
  return der(derTag.sequence, reader.read(derTag.sequence));
}

function readExtensionList(reader: DerReader, field: string): readonly RawExtension[] {
  const list = reader.enter();
  reader.end();
  const extensions: RawExtension[] = [];
  while (!list.done) {
    const item = list.enter();
    const oid = item.oid();
    const critical = item.tag === BOOLEAN && item.read(BOOLEAN).some((byte) => byte !== 0);
    const value = item.read(derTag.octetString);
    item.end();
    // RFC 5280 §4.2.
    if (extensions.some((one) => one.oid === oid)) throw malformed('an extension is there twice', field);
    extensions.push({ oid, critical, value });
  }
  return extensions;
}

/** RFC 5280 §4.1.2.5: UTCTime or GeneralizedTime, both to the second and in UTC. */
function seconds(reader: DerReader, field: string): number {
  const short = reader.tag === UTC_TIME;
  const text = fromUtf8(reader.read(short ? UTC_TIME : GENERALIZED_TIME), field);
  // §4.1.2.5.1: two digits of a year are 1950 to 2049.
  const full = short ? `${text < '50' ? '20' : '19'}${text}` : text;
  const iso = full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
  const time = iso === full ? Number.NaN : Date.parse(iso);
  // There and back, because February 30 is read as March 2.
  if (Number.isNaN(time) || new Date(time).toISOString() !== iso) throw malformed('not a time', field);
  return time / 1000;
}

function malformed(message: string, field: string): Failure {
  return new Failure('MALFORMED', message, { field });
}
