/**
 * The X.509 header parameters (RFC 9360 §2) of a signature, as they were read. Nothing in them is
 * trusted: they only help to find a path to a root that is.
 *
 * @module
 */
import type { CertificateHash } from '../../core/x509/x5t.ts';
import { CborTag, type CborValue } from '../../encoding/cbor/index.ts';
import { invalid } from '../../errors.ts';
import { type Headers, header, headerLabel, malformed } from './headers.ts';
import { optionsGiven } from './options.ts';

/** What a signature says of its signer's certificates. */
export interface X509Parameters {
  /** The signer's certificate and those after it, DER. */
  readonly x5chain?: readonly Uint8Array[];
  /** Names the signer's certificate. */
  readonly x5t?: CertificateHash;
  /** More certificates, DER, in no order. They are used as issuers only. */
  readonly x5bag?: readonly Uint8Array[];
  /** Where certificates can be had. Nobody fetches it unless the caller passes a resolver. */
  readonly x5u?: string;
}

/** Fetches the chain that an `x5u` names: the signer's certificate first, DER. It is trusted no more than `x5chain`. */
export type CertificateResolver = (uri: string) => Promise<readonly Uint8Array[]>;

/** Whether there are any. */
export function hasX509({ protected: covered, unprotected }: Headers): boolean {
  // RFC 9360 §2: one has at least the algorithm beside it, and most credentials have at most a kid.
  if (covered.size + unprotected.size < 2) return false;
  return LABELS.some((label) => covered.has(label) || unprotected.has(label));
}

const LABELS: readonly number[] = [headerLabel.x5bag, headerLabel.x5chain, headerLabel.x5t, headerLabel.x5u];
const NONE: X509Parameters = {};

/** The parameters of either bucket. Throws `MALFORMED`, field `cose`. */
export function x509Parameters(headers: Headers): X509Parameters {
  const { protected: covered, unprotected } = optionsGiven(headers, 'headers');
  if (!(covered instanceof Map && unprotected instanceof Map)) throw invalid('not headers', 'headers');
  if (!hasX509(headers)) return NONE;
  const x5chain = header(headers, headerLabel.x5chain);
  const x5t = header(headers, headerLabel.x5t);
  const x5bag = header(headers, headerLabel.x5bag);
  const x5u = header(headers, headerLabel.x5u);
  return {
    ...(x5chain === undefined ? {} : { x5chain: certificates(x5chain, 'x5chain') }),
    ...(x5t === undefined ? {} : { x5t: hashOf(x5t) }),
    ...(x5bag === undefined ? {} : { x5bag: certificates(x5bag, 'x5bag') }),
    ...(x5u === undefined ? {} : { x5u: uriOf(x5u) }),
  };
}

function certificates(value: CborValue, name: string): readonly Uint8Array[] {
  const list = value instanceof Uint8Array ? [value] : value;
  if (!Array.isArray(list) || list.length === 0) throw malformed(`${name} is not a list of certificates`);
  return list.map((certificate: CborValue) => {
    if (certificate instanceof Uint8Array) return certificate;
    throw malformed(`${name} holds something else than certificates`);
  });
}

function hashOf(value: CborValue): CertificateHash {
  const [algorithm, hash] = Array.isArray(value) && value.length === 2 ? (value as readonly CborValue[]) : [];
  if (typeof algorithm !== 'number' || !(hash instanceof Uint8Array)) {
    throw malformed('x5t is not a hash algorithm with a hash');
  }
  return { algorithm, hash };
}

/** The tag of a URI is what RFC 9360 §2 asks for; others leave it out. */
function uriOf(value: CborValue): string {
  const text = value instanceof CborTag && value.tag === 32 ? value.value : value;
  if (typeof text === 'string') return text;
  throw malformed('x5u is not a URI');
}
