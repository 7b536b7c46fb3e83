/**
 * Verifying COSE_Sign1 (RFC 9052 §4.4). Needs public keys only.
 *
 * @module
 */
import type { CborValue } from '../../encoding/cbor/index.ts';
import { decodeHeaders, type HeaderOptions, type Headers, malformed } from './headers.ts';
import {
  type BoundTo,
  checkReadOptions,
  externalAadOf,
  payloadOf,
  type ReadOptions,
  readOptions,
} from './options.ts';
import { signatureStructure } from './signature-structure.ts';
import { decodeCoseAs } from './structure.ts';
import {
  type OpenedSignature,
  type SignatureParts,
  type VerifyOptions,
  verifyOptions,
  verifySignature,
} from './verify-signature.ts';

/** A COSE_Sign1 as it was read: nothing in it is verified. */
export interface Sign1 {
  readonly headers: Headers;
  /** Absent when it is detached. */
  readonly payload?: Uint8Array;
  readonly signature: Uint8Array;
}

/** What a signature is over that does not stand beside it. */
interface Detached extends BoundTo {
  /** The payload of a detached signature. */
  readonly payload?: Uint8Array;
}

/** What verification needs. */
export interface OpenSign1Options extends VerifyOptions, Detached, ReadOptions {}

/** A payload whose signature is genuine, by whom, and every check that was made. */
export interface OpenedSign1 extends OpenedSignature {
  readonly payload: Uint8Array;
}

const KNOWN = [...verifyOptions, ...readOptions, 'payload'];

/** Reads a COSE_Sign1 without verifying it. Throws `MALFORMED`, field `cose`. */
export function decodeSign1(bytes: Uint8Array, options: ReadOptions = {}): Sign1 {
  return sign1Of(decodeCoseAs(bytes, 'sign1', options), { ...options, within: bytes });
}

/** Reads the elements of a COSE_Sign1. */
export function sign1Of(
  [protectedBytes, unprotected, payload, signature]: readonly CborValue[],
  options: HeaderOptions = {},
): Sign1 {
  const headers = decodeHeaders(protectedBytes, unprotected, options);
  if (!(signature instanceof Uint8Array)) throw malformed('the signature is not a byte string');
  if (payload === null) return { headers, signature };
  if (!(payload instanceof Uint8Array)) throw malformed('the payload is not a byte string');
  return { headers, payload, signature };
}

/**
 * Verifies a COSE_Sign1 and returns its payload. Throws `VERIFICATION_FAILED` with the check that
 * failed, `UNSUPPORTED` for an algorithm that is not known, and `MALFORMED`, field `cose`.
 */
export async function openSign1(bytes: Uint8Array, options: OpenSign1Options): Promise<OpenedSign1> {
  checkReadOptions(options, KNOWN);
  const parts = partsOf(decodeSign1(bytes, options), options);
  return { ...(await verifySignature(parts, options)), payload: parts.payload };
}

/** The signature of a COSE_Sign1 and what it is over. */
export function partsOf(
  { headers, payload: attached, signature }: Sign1,
  bound: Detached = {},
): SignatureParts {
  const payload = payloadOf(attached, bound.payload);
  const message = signatureStructure(headers.protectedBytes, externalAadOf(bound), payload);
  return { headers, signature, message, payload };
}
