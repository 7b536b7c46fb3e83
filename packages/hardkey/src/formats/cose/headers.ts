/**
 * COSE header parameters (RFC 9052 §3).
 *
 * @module
 */
import { type Algorithm, algorithm } from '../../core/algorithms.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';

/** Labels of the parameters that are read and written (RFC 9052 §3.1, RFC 9360 §2). */
export const headerLabel = {
  algorithm: 1,
  critical: 2,
  contentType: 3,
  keyId: 4,
  iv: 5,
  partialIv: 6,
  x5bag: 32,
  x5chain: 33,
  x5t: 34,
  x5u: 35,
} as const;

/** Parameters of one bucket. */
export type HeaderMap = ReadonlyMap<CborValue, CborValue>;

/** Both buckets of a COSE structure. */
export interface Headers {
  /** What the signature or the tag covers, as received; empty for an empty map (RFC 9052 §4.4 step 2). */
  readonly protectedBytes: Uint8Array;
  readonly protected: HeaderMap;
  readonly unprotected: HeaderMap;
}

const EMPTY: HeaderMap = new Map();
/** The parameters this library understands, which is what `crit` asks (RFC 9052 §3.1). */
const UNDERSTOOD: ReadonlySet<CborValue> = new Set(Object.values(headerLabel));
const LAYER = 'cose';

/** Writes both buckets as the first two items of a COSE structure. */
export function encodeHeaders(
  protectedMap: HeaderMap,
  unprotected: HeaderMap = EMPTY,
): { readonly protectedBytes: Uint8Array; readonly unprotected: HeaderMap } {
  return {
    protectedBytes: protectedMap.size === 0 ? new Uint8Array() : encodeCbor(protectedMap),
    unprotected,
  };
}

/**
 * Reads both buckets. Throws `MALFORMED`, field `cose`, when a label is in both, is no label, or
 * `crit` is not as RFC 9052 §3.1 has it; `UNSUPPORTED` when `crit` names what is not understood.
 */
export function decodeHeaders(first: CborValue | undefined, second: CborValue | undefined): Headers {
  if (!(first instanceof Uint8Array)) throw malformed('the protected header is not a byte string');
  if (!(second instanceof Map)) throw malformed('the unprotected header is not a map');
  const protectedMap = first.length === 0 ? EMPTY : decodeCbor(first, { field: LAYER });
  if (!(protectedMap instanceof Map)) throw malformed('the protected header does not hold a map');
  checkLabels(protectedMap, second);
  checkCritical(protectedMap, second);
  const protectedBytes = protectedMap.size === 0 ? new Uint8Array() : first;
  return { protectedBytes, protected: protectedMap, unprotected: second };
}

/** A parameter of either bucket. No label is in both. */
export function header(
  { protected: covered, unprotected }: Headers,
  label: CborValue,
): CborValue | undefined {
  return covered.has(label) ? covered.get(label) : unprotected.get(label);
}

/** The `kid` of either bucket. */
export function keyIdOf(headers: Headers): Uint8Array | undefined {
  return bytesOf(headers, headerLabel.keyId);
}

/** A byte string parameter of either bucket. Throws `MALFORMED` when it is something else. */
export function bytesOf(headers: Headers, label: number): Uint8Array | undefined {
  const value = header(headers, label);
  if (value === undefined || value instanceof Uint8Array) return value;
  throw malformed('a header parameter is not a byte string');
}

/** The algorithm identifier, which must be protected. */
export function protectedAlgorithm(headers: Headers): number | string {
  const id = headers.protected.get(headerLabel.algorithm);
  if (typeof id === 'number' || typeof id === 'string') return id;
  throw malformed('the protected header names no algorithm');
}

/** The identifier an algorithm is written with. `UNSUPPORTED` where COSE has none. */
export function coseIdentifier(name: Algorithm): number {
  const { cose } = algorithm(name);
  if (cose !== undefined) return cose;
  throw new Failure('UNSUPPORTED', 'COSE has no identifier for it', { algorithm: name });
}

/** A failure of this layer. */
export function malformed(message: string, offset?: number): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: LAYER, ...(offset === undefined ? {} : { offset }) });
}

function checkLabels(covered: HeaderMap, open: HeaderMap): void {
  for (const label of [...covered.keys(), ...open.keys()]) {
    if (typeof label !== 'number' && typeof label !== 'bigint' && typeof label !== 'string') {
      throw malformed('a header label is neither an integer nor text');
    }
  }
  for (const label of open.keys()) {
    if (covered.has(label)) throw malformed('a header label is in both buckets');
  }
}

function checkCritical(covered: HeaderMap, open: HeaderMap): void {
  if (open.has(headerLabel.critical)) throw malformed('crit is not protected');
  if (!covered.has(headerLabel.critical)) return;
  const labels = covered.get(headerLabel.critical);
  if (!Array.isArray(labels) || labels.length === 0) throw malformed('crit is not a list of labels');
  for (const label of labels as readonly CborValue[]) {
    if (!covered.has(label)) throw malformed('crit names a parameter that is not protected');
    if (!UNDERSTOOD.has(label)) {
      throw new Failure('UNSUPPORTED', 'a critical header parameter is not understood', {
        field: 'cose.crit',
      });
    }
  }
}
