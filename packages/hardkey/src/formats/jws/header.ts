/**
 * The protected header of a JWS (RFC 7515 §4).
 *
 * @module
 */
import { algorithmsOfJose, type SignatureAlgorithm } from '../../core/algorithms.ts';
import { isList, isText, type JsonObject, member, parseJsonObject } from '../../core/trust/strict-json.ts';
import type { CertificateHash } from '../../core/x509/x5t.ts';
import { decodeBase64, decodeBase64url } from '../../encoding/base64.ts';
import { fromUtf8 } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';

/** What a header says of the signature. */
export interface JwsHeader {
  /** The algorithms of this name: `EdDSA` has two. */
  readonly algorithms: readonly SignatureRow[];
  readonly keyId?: string;
  readonly x5t?: CertificateHash;
  readonly x5chain?: readonly Uint8Array[];
}

/** A signature algorithm, and how long its signatures are where that is fixed. */
export interface SignatureRow {
  readonly name: SignatureAlgorithm;
  readonly signatureLength?: number;
}

const FIELD = 'jws';
/** COSE identifier of SHA-256 (RFC 9054 §2.1). */
const SHA_256 = -16;

/** Reads an encoded header. Throws `MALFORMED`, field `jws.…`; `UNSUPPORTED` for `crit` and unknown algorithms. */
export function decodeHeader(encoded: string): JwsHeader {
  const field = `${FIELD}.header`;
  const header = parseJsonObject(fromUtf8(decodeBase64url(encoded, field), field), field);
  refuseCritical(header);
  const keyId = member(header, 'kid', isText, FIELD);
  const x5t = member(header, 'x5t#S256', isText, FIELD);
  const x5c = member(header, 'x5c', isCertificates, FIELD);
  return {
    algorithms: algorithmsOf(header),
    ...(keyId !== undefined && { keyId }),
    ...(x5t !== undefined && {
      x5t: { algorithm: SHA_256, hash: decodeBase64url(x5t, `${FIELD}.x5t#S256`) },
    }),
    // RFC 7515 §4.1.6: base64 and not base64url.
    ...(x5c !== undefined && { x5chain: x5c.map((one) => decodeBase64(one, `${FIELD}.x5c`)) }),
  };
}

function algorithmsOf(header: JsonObject): readonly SignatureRow[] {
  const alg = member(header, 'alg', isText, FIELD);
  if (alg === undefined)
    throw new Failure('MALFORMED', 'the header names no algorithm', { field: `${FIELD}.alg` });
  const rows = algorithmsOfJose(alg).filter(({ operation }) => operation === 'sign');
  if (rows.length === 0) {
    throw new Failure('UNSUPPORTED', 'unknown signature algorithm', { field: `${FIELD}.alg` });
  }
  return rows.map(({ name, signatureLength }) => ({
    name: name as SignatureAlgorithm,
    ...(signatureLength !== undefined && { signatureLength }),
  }));
}

/** RFC 7515 §4.1.11: a list of names that are in the header. None is understood, RFC 7797 `b64` included. */
function refuseCritical(header: JsonObject): void {
  const field = `${FIELD}.crit`;
  const critical = member(header, 'crit', isList, FIELD);
  if (critical === undefined) return;
  const named = critical.length > 0 && critical.every((name) => isText(name) && Object.hasOwn(header, name));
  if (!named) throw new Failure('MALFORMED', 'crit is not a list of parameters of the header', { field });
  throw new Failure('UNSUPPORTED', 'a critical header parameter is not understood', { field });
}

function isCertificates(value: unknown): value is readonly string[] {
  return isList(value) && value.length > 0 && value.every(isText);
}
