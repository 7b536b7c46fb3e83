/**
 * Verifying COSE_Sign1 (RFC 9052 §4.4). Needs public keys only.
 *
 * @module
 */
import { algorithmOfCose, type SignatureAlgorithm } from '../../core/algorithms.ts';
import { type Trust, type Trusted, verifyTrusted } from '../../core/trust/trust.ts';
import type { CertificateHash } from '../../core/x509/x5t.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';
import {
  decodeHeaders,
  type Headers,
  header,
  headerLabel,
  keyIdOf,
  malformed,
  protectedAlgorithm,
} from './headers.ts';
import { signatureStructure } from './sign1.ts';
import { decodeCoseAs } from './structure.ts';

/** A COSE_Sign1 as it was read: nothing in it is verified. */
export interface Sign1 {
  readonly headers: Headers;
  /** Absent when it is detached. */
  readonly payload?: Uint8Array;
  readonly signature: Uint8Array;
}

/** What verification needs. */
export interface OpenSign1Options {
  readonly trust: Trust;
  /** The verifier's time. Default now. */
  readonly at?: Date;
  readonly externalAad?: Uint8Array;
  /** The payload of a detached signature. */
  readonly payload?: Uint8Array;
}

/** A payload whose signature is genuine, by whom, and every check that was made. */
export interface OpenedSign1 extends Trusted {
  readonly payload: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  readonly keyId?: Uint8Array;
  readonly headers: Headers;
}

/** Reads a COSE_Sign1 without verifying it. Throws `MALFORMED`, field `cose`. */
export function decodeSign1(bytes: Uint8Array): Sign1 {
  return sign1Of(decodeCoseAs(bytes, 'sign1'));
}

/** Reads the elements of a COSE_Sign1. */
export function sign1Of([protectedBytes, unprotected, payload, signature]: readonly CborValue[]): Sign1 {
  const headers = decodeHeaders(protectedBytes, unprotected);
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
  return verifySign1(decodeSign1(bytes), options);
}

/** Verifies what {@link decodeSign1} read. */
export async function verifySign1(sign1: Sign1, options: OpenSign1Options): Promise<OpenedSign1> {
  const { headers, signature } = sign1;
  const payload = payloadOf(sign1, options.payload);
  const algorithm = signatureAlgorithm(headers);
  const keyId = keyIdOf(headers);
  const trusted = await verifyTrusted(options.trust, {
    algorithm,
    signature,
    message: signatureStructure(headers.protectedBytes, options.externalAad ?? new Uint8Array(), payload),
    at: options.at ?? new Date(),
    ...(keyId === undefined ? {} : { keyId }),
    ...certificates(headers),
  });
  return { ...trusted, payload, algorithm, headers, ...(keyId === undefined ? {} : { keyId }) };
}

/** The signature algorithm the protected header names. */
function signatureAlgorithm(headers: Headers): SignatureAlgorithm {
  const id = protectedAlgorithm(headers);
  const facts = typeof id === 'number' ? algorithmOfCose(id, 'sign') : undefined;
  if (facts !== undefined) return facts.name as SignatureAlgorithm;
  throw new Failure('UNSUPPORTED', 'unknown signature algorithm', {
    field: 'cose.alg',
    algorithm: String(id),
  });
}

function payloadOf({ payload }: Sign1, detached: Uint8Array | undefined): Uint8Array {
  if (payload !== undefined && detached !== undefined) {
    throw new Failure('ARGUMENT_INVALID', 'the payload is attached', { field: 'payload' });
  }
  const found = payload ?? detached;
  if (found !== undefined) return found;
  throw new Failure('ARGUMENT_INVALID', 'the payload is detached and was not given', { field: 'payload' });
}

/** The X.509 parameters (RFC 9360 §2). Never trusted by themselves: they only help to find a path. */
function certificates(headers: Headers): { x5chain?: readonly Uint8Array[]; x5t?: CertificateHash } {
  const chain = header(headers, headerLabel.x5chain);
  const hash = header(headers, headerLabel.x5t);
  return {
    ...(chain === undefined ? {} : { x5chain: chainOf(chain) }),
    ...(hash === undefined ? {} : { x5t: hashOf(hash) }),
  };
}

function chainOf(value: CborValue): readonly Uint8Array[] {
  const list = value instanceof Uint8Array ? [value] : value;
  if (!Array.isArray(list) || list.length === 0) throw malformed('x5chain is not a list of certificates');
  return list.map((certificate: CborValue) => {
    if (certificate instanceof Uint8Array) return certificate;
    throw malformed('x5chain holds something else than certificates');
  });
}

function hashOf(value: CborValue): CertificateHash {
  const [algorithm, hash] = Array.isArray(value) ? (value as readonly CborValue[]) : [];
  if (typeof algorithm !== 'number' || !(hash instanceof Uint8Array)) {
    throw malformed('x5t is not a hash algorithm with a hash');
  }
  return { algorithm, hash };
}
