/**
 * COSE_Mac0 (RFC 9052 §6.2): a code of whoever shares the key. It says that one of them wrote the
 * payload, and not which.
 *
 * @module
 */
import type { MacAlgorithm } from '../../core/algorithms.ts';
import { callOptions, callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions, Mac } from '../../core/operations.ts';
import { type CborValue, encodeCbor } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';
import {
  coseIdentifier,
  decodeHeaders,
  encodeHeaders,
  type HeaderMap,
  type HeaderOptions,
  type Headers,
  headerLabel,
  keyIdOf,
  malformed,
  namedAlgorithms,
  withMore,
} from './headers.ts';
import {
  type BoundTo,
  bytesGiven,
  checkNames,
  checkReadOptions,
  externalAadOf,
  keyGiven,
  payloadOf,
  type ReadOptions,
  readOptions,
} from './options.ts';
import { type WriteOptions, writeOptions } from './sign1.ts';
import { keyIdBytes } from './signer-headers.ts';
import { decodeCoseAs, encodeCose } from './structure.ts';

/** What goes into a COSE_Mac0 beside the payload. */
export interface Mac0Options extends CallOptions, WriteOptions {
  /** The `kid`, protected: text stands for its UTF-8. Absent by default. */
  readonly keyId?: string | Uint8Array;
  readonly protectedHeaders?: HeaderMap;
  readonly unprotectedHeaders?: HeaderMap;
}

/** What checking a code needs beside the key. */
export interface OpenMacOptions extends CallOptions, ReadOptions, BoundTo {
  /** The payload, where it is detached. */
  readonly payload?: Uint8Array;
}

/** A payload whose code is right. */
export interface OpenedMac {
  readonly payload: Uint8Array;
  readonly algorithm: MacAlgorithm;
  readonly keyId?: Uint8Array;
  readonly headers: Headers;
}

/** Names of {@link Mac0Options}. */
export const mac0Options: readonly string[] = [
  ...writeOptions,
  ...callOptions,
  'keyId',
  'protectedHeaders',
  'unprotectedHeaders',
];
/** Names of {@link OpenMacOptions}. */
export const openMacOptions: readonly string[] = [...readOptions, ...callOptions, 'payload'];

/** Makes the code of a payload. The result is tagged (17). */
export async function macMac0(
  payload: Uint8Array,
  mac: Mac,
  options: Mac0Options = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkNames(options, mac0Options);
  return encodeCose('mac0', await macElements('MAC0', payload, mac, options), options.tagged);
}

/**
 * Checks the code and returns the payload. Throws `VERIFICATION_FAILED`, check `mac`, for a code that
 * is not right; `UNSUPPORTED` for another algorithm than the key's; and `MALFORMED`, field `cose`.
 */
export async function openMac0(
  bytes: Uint8Array,
  mac: Mac,
  options: OpenMacOptions = {},
): Promise<OpenedMac> {
  keyGiven(mac, 'mac');
  checkReadOptions(options, openMacOptions);
  const parts = macOf(decodeCoseAs(bytes, 'mac0', options), { ...options, within: bytes });
  return checkMac('MAC0', parts, mac, options);
}

/** Which structure has the code. */
export type MacContext = 'MAC' | 'MAC0';

/** The MAC_structure of RFC 9052 §6.3. */
export function macStructure(
  context: MacContext,
  protectedBytes: Uint8Array,
  externalAad: Uint8Array,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return encodeCbor([context, protectedBytes, externalAad, payload]);
}

/** The first four elements of either structure. */
export async function macElements(
  context: MacContext,
  payload: Uint8Array,
  mac: Mac,
  options: Mac0Options,
): Promise<readonly CborValue[]> {
  const { protectedBytes, unprotected } = macHeaders(mac, options);
  const content = bytesGiven(payload, 'payload');
  const message = macStructure(context, protectedBytes, externalAadOf(options), content);
  const code = await mac.mac(message, callOptionsOf(options));
  return [protectedBytes, unprotected, options.detached ? null : content, code];
}

/** A structure with a code, as it was read: nothing in it is verified. */
export interface MacParts {
  readonly headers: Headers;
  readonly payload?: Uint8Array;
  readonly code: Uint8Array;
}

/** Reads the first four elements of either structure. */
export function macOf(
  [first, second, payload, code]: readonly CborValue[],
  options: HeaderOptions = {},
): MacParts {
  const headers = decodeHeaders(first, second, options);
  if (!(code instanceof Uint8Array)) throw malformed('the code is not a byte string');
  if (payload === null) return { headers, code };
  if (!(payload instanceof Uint8Array)) throw malformed('the payload is not a byte string');
  return { headers, payload, code };
}

/** Checks the code of either structure. */
export async function checkMac(
  context: MacContext,
  parts: MacParts,
  mac: Mac,
  options: Pick<OpenMacOptions, 'payload' | 'externalAad'> & CallOptions,
): Promise<OpenedMac> {
  const { headers, code } = parts;
  const algorithm = macAlgorithm(headers);
  if (algorithm !== mac.algorithm) {
    throw new Failure('UNSUPPORTED', 'the code is by another algorithm than the key has', { algorithm });
  }
  const payload = payloadOf(parts.payload, options.payload);
  const message = macStructure(context, headers.protectedBytes, externalAadOf(options), payload);
  await mac.verifyMac(message, code, callOptionsOf(options));
  const keyId = keyIdOf(headers);
  return { payload, algorithm, headers, ...(keyId === undefined ? {} : { keyId }) };
}

/** The algorithm the protected header names. */
export function macAlgorithm(headers: Headers): MacAlgorithm {
  return namedAlgorithms(headers, 'mac', 'unknown authentication algorithm')[0].name as MacAlgorithm;
}

function macHeaders(
  mac: Mac,
  { keyId, protectedHeaders, unprotectedHeaders }: Mac0Options,
): ReturnType<typeof encodeHeaders> {
  const { algorithm } = keyGiven(mac, 'mac');
  const headers = new Map<CborValue, CborValue>([[headerLabel.algorithm, coseIdentifier(algorithm)]]);
  const kid = keyIdBytes(keyId);
  if (kid !== undefined) headers.set(headerLabel.keyId, kid);
  return encodeHeaders(withMore(headers, protectedHeaders), unprotectedHeaders);
}
