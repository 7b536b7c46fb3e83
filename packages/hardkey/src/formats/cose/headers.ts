/**
 * COSE header parameters (RFC 9052 §3).
 *
 * @module
 */
import {
  type Algorithm,
  type AlgorithmFacts,
  algorithm,
  algorithmsOfCose,
  type OperationKind,
} from '../../core/algorithms.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../encoding/cbor/index.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';

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

/** How headers are read. */
export interface HeaderOptions {
  readonly deterministic?: boolean;
  /** Labels that `crit` may name besides those of this library. */
  readonly understood?: readonly (number | string)[];
  /** The whole input, so that a failure says where in it the protected header is wrong. */
  readonly within?: Uint8Array;
}

const EMPTY: HeaderMap = new Map();
/** What `crit` may name (RFC 9052 §3.1). A Partial IV needs a context this library does not have. */
const UNDERSTOOD: ReadonlySet<CborValue> = new Set(
  Object.values(headerLabel).filter((label) => label !== headerLabel.partialIv),
);
const LAYER = 'cose';
/** Arrays, maps and tags inside one another: certificates need two. */
const DEPTH = 8;

/**
 * Writes both buckets as the first two items of a COSE structure. Throws `ARGUMENT_INVALID`, field
 * `headers`, where {@link decodeHeaders} would refuse them.
 */
export function encodeHeaders(
  protectedMap: HeaderMap,
  unprotected: HeaderMap = EMPTY,
): { readonly protectedBytes: Uint8Array; readonly unprotected: HeaderMap } {
  checkMap(protectedMap, 'protectedHeaders');
  checkMap(unprotected, 'unprotectedHeaders');
  checkBuckets(protectedMap, unprotected, unwritable);
  return {
    protectedBytes: protectedMap.size === 0 ? new Uint8Array() : encodeCbor(protectedMap),
    unprotected,
  };
}

/**
 * Reads both buckets. Throws `MALFORMED`, field `cose`, when a label is in both, is no label, or
 * `crit` is not as RFC 9052 §3.1 has it; `UNSUPPORTED` when `crit` names what is not understood.
 */
export function decodeHeaders(
  first: CborValue | undefined,
  second: CborValue | undefined,
  options: HeaderOptions = {},
): Headers {
  if (!(first instanceof Uint8Array)) throw malformed('the protected header is not a byte string');
  if (!(second instanceof Map)) throw malformed('the unprotected header is not a map');
  const protectedMap = first.length === 0 ? EMPTY : decodeProtected(first, options);
  checkBuckets(protectedMap, second, malformed);
  checkUnderstood(protectedMap, options.understood);
  const protectedBytes = protectedMap.size === 0 ? new Uint8Array() : first;
  return { protectedBytes, protected: protectedMap, unprotected: second };
}

/** The caller's parameters beside those the library sets, which have options of their own. */
export function withMore(
  own: Map<CborValue, CborValue>,
  more: HeaderMap = EMPTY,
  field = 'protectedHeaders',
): HeaderMap {
  checkMap(more, field);
  for (const [label, value] of more) {
    if (own.has(label)) {
      throw new Failure('ARGUMENT_INVALID', 'the parameter has an option of its own', { field });
    }
    own.set(label, value);
  }
  return own;
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
function protectedAlgorithm(headers: Headers): number | string {
  const id = headers.protected.get(headerLabel.algorithm);
  if (typeof id === 'number' || typeof id === 'string') return id;
  throw malformed('the protected header names no algorithm');
}

/**
 * The algorithms that the identifier in the protected header stands for, among those of one operation.
 * Throws `UNSUPPORTED` with `message` for one that is not known.
 */
export function namedAlgorithms(
  headers: Headers,
  operation: OperationKind,
  message: string,
): readonly [AlgorithmFacts, ...AlgorithmFacts[]] {
  const id = protectedAlgorithm(headers);
  const rows = typeof id === 'number' ? algorithmsOfCose(id, operation) : [];
  if (isFilled(rows)) return rows;
  throw new Failure('UNSUPPORTED', message, { field: 'cose.alg', algorithm: String(id) });
}

function isFilled<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
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

function decodeProtected(bytes: Uint8Array, { deterministic = false, within }: HeaderOptions): HeaderMap {
  try {
    const map = decodeCbor(bytes, { field: LAYER, depth: DEPTH, deterministic });
    if (map instanceof Map) return map;
  } catch (error) {
    // A string that came in pieces is no view of the input: its offsets are its own.
    if (!isFailure(error, 'MALFORMED') || within?.buffer !== bytes.buffer) throw error;
    throw malformed(error.message, bytes.byteOffset - within.byteOffset + (error.details.offset ?? 0));
  }
  throw malformed('the protected header does not hold a map');
}

function checkMap(map: unknown, field: string): void {
  if (!(map instanceof Map)) throw invalid('a map is needed', field);
}

type Refuse = (message: string) => Failure;

function unwritable(message: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field: 'headers' });
}

function checkBuckets(covered: HeaderMap, open: HeaderMap, refuse: Refuse): void {
  for (const label of covered.keys()) checkLabel(label, refuse);
  for (const label of open.keys()) {
    checkLabel(label, refuse);
    if (covered.has(label)) throw refuse('a header label is in both buckets');
  }
  if (open.has(headerLabel.critical)) throw refuse('crit is not protected');
  if (covered.has(headerLabel.critical)) checkCritical(covered, refuse);
}

function checkLabel(label: CborValue, refuse: Refuse): void {
  // What is read has no other numbers than integers; a fraction would be written as one.
  if (Number.isSafeInteger(label) || typeof label === 'string' || typeof label === 'bigint') return;
  throw refuse('a header label is neither an integer nor text');
}

/** RFC 9052 §3.1: at least one label, and each of them in the protected bucket. */
function checkCritical(covered: HeaderMap, refuse: Refuse): void {
  const labels = covered.get(headerLabel.critical);
  if (!Array.isArray(labels) || labels.length === 0) throw refuse('crit is not a list of labels');
  for (const label of labels as readonly CborValue[]) {
    if (!covered.has(label)) throw refuse('crit names a parameter that is not protected');
  }
}

function checkUnderstood(covered: HeaderMap, more: readonly (number | string)[] = []): void {
  const labels = (covered.get(headerLabel.critical) ?? []) as readonly CborValue[];
  for (const label of labels) {
    if (UNDERSTOOD.has(label) || more.some((one) => one === label)) continue;
    throw new Failure('UNSUPPORTED', 'a critical header parameter is not understood', {
      field: 'cose.crit',
    });
  }
}
