/**
 * The header of a signature (RFC 7515 §4), as it was read: what is protected and what is not.
 *
 * @module
 */
import { type AlgorithmFacts, algorithmsOfJose } from '../../core/algorithms.ts';
import { isFlag, isList, isText, type JsonObject, member } from '../../core/trust/strict-json.ts';
import type { CertificateHash } from '../../core/x509/x5t.ts';
import { decodeBase64, decodeBase64url } from '../../encoding/base64.ts';
import { Failure } from '../../errors.ts';
import { checkDepth, decodeJsonObject } from './json-values.ts';
import type { SignatureText } from './serialization.ts';

/** The two parts of a header. A name is in one of them at most. */
export interface JwsHeaders {
  /** Covered by the signature. */
  readonly protected: JsonObject;
  /** Of the JSON serialization only, and covered by nothing. */
  readonly unprotected: JsonObject;
}

/** How a header names the key that signed. */
export interface SignerNames {
  readonly keyId?: string;
  readonly x5t?: CertificateHash;
  readonly x5chain?: readonly Uint8Array[];
}

/** The longest encoded header that is read. */
const MAX_HEADER = 65_536;
/** COSE identifier of SHA-256 (RFC 9054 §2.1). */
const SHA_256 = -16;

/** What has to be protected: RFC 7515 §4.1.11, RFC 7797 §3, and the algorithm because here it is so. */
export const protectedOnly: readonly string[] = ['alg', 'crit', 'b64'];

/** RFC 7515 §4.1 and RFC 7518: names that `crit` may not hold, since everybody knows them. */
export const registered: readonly string[] = [
  'alg',
  'jku',
  'jwk',
  'kid',
  'x5u',
  'x5c',
  'x5t',
  'x5t#S256',
  'typ',
  'cty',
  'crit',
];

/** Reads a header. Throws `MALFORMED` with the field, also for a name that is both protected and not. */
export function decodeHeaders({ protectedText, unprotected, field }: SignatureText): JwsHeaders {
  const at = `${field}.header`;
  if (protectedText.length > MAX_HEADER)
    throw new Failure('MALFORMED', 'the header is too long', { field: at });
  const header = decodeJsonObject(decodeBase64url(protectedText, at), at);
  checkDepth(unprotected, at);
  for (const name of Object.keys(unprotected)) {
    if (Object.hasOwn(header, name)) throw new Failure('MALFORMED', 'a name is there twice', { field: at });
  }
  const misplaced = protectedOnly.find((name) => Object.hasOwn(unprotected, name));
  if (misplaced !== undefined) {
    throw new Failure('MALFORMED', 'the parameter is not protected', { field: `${field}.${misplaced}` });
  }
  return { protected: header, unprotected };
}

/**
 * Whether the payload is signed as it is (RFC 7797 §3). Throws `MALFORMED` for `b64` that is false and
 * not in `crit`: whoever does not know it would read other content.
 */
export function isUnencoded({ protected: header }: JwsHeaders, field: string): boolean {
  if ((member(header, 'b64', isFlag, field) ?? true) === true) return false;
  if (criticalNames(header, field).includes('b64')) return true;
  throw new Failure('MALFORMED', 'b64 is not in crit', { field: `${field}.b64` });
}

/** Throws `UNSUPPORTED` for a critical parameter that neither we nor the caller understand (RFC 7515 §4.1.11). */
export function checkCritical(
  { protected: header }: JwsHeaders,
  understood: readonly string[],
  field: string,
): void {
  const names = criticalNames(header, field);
  if (names.every((name) => name === 'b64' || understood.includes(name))) return;
  throw new Failure('UNSUPPORTED', 'a critical header parameter is not understood', {
    field: `${field}.crit`,
  });
}

/**
 * The algorithms of the name in the header: `EdDSA` has two. Throws `UNSUPPORTED` for one that is not
 * known or protects nothing, `none` among them.
 */
export function algorithmsOf({ protected: header }: JwsHeaders, field: string): readonly AlgorithmFacts[] {
  const at = `${field}.alg`;
  const alg = member(header, 'alg', isText, field);
  if (alg === undefined) throw new Failure('MALFORMED', 'the header names no algorithm', { field: at });
  const rows = algorithmsOfJose(alg).filter(({ operation }) => operation === 'sign' || operation === 'mac');
  if (rows.length > 0) return rows;
  throw new Failure('UNSUPPORTED', 'unknown signature algorithm', { field: at });
}

/** The key id and the certificates. They help to find a key of the trust, and make none trusted. */
export function signerNames(headers: JwsHeaders, field: string): SignerNames {
  const header = { ...headers.unprotected, ...headers.protected };
  const keyId = member(header, 'kid', isText, field);
  const x5t = member(header, 'x5t#S256', isText, field);
  const x5c = member(header, 'x5c', isCertificates, field);
  return {
    ...(keyId !== undefined && { keyId }),
    ...(x5t !== undefined && {
      x5t: { algorithm: SHA_256, hash: decodeBase64url(x5t, `${field}.x5t#S256`) },
    }),
    // RFC 7515 §4.1.6: base64 and not base64url.
    ...(x5c !== undefined && { x5chain: x5c.map((one) => decodeBase64(one, `${field}.x5c`)) }),
  };
}

/** RFC 7515 §4.1.11: a list of names, each once, that are in the protected header and not registered. */
function criticalNames(header: JsonObject, field: string): readonly string[] {
  const names = member(header, 'crit', isList, field);
  if (names === undefined) return [];
  const good = names.every(
    (name) => isText(name) && Object.hasOwn(header, name) && !registered.includes(name),
  );
  if (good && names.length > 0 && new Set(names).size === names.length) return names as readonly string[];
  throw new Failure('MALFORMED', 'crit is not a list of parameters of the header', {
    field: `${field}.crit`,
  });
}

function isCertificates(value: unknown): value is readonly string[] {
  return isList(value) && value.length > 0 && value.every(isText);
}
