/**
 * COSE_Sign (RFC 9052 §4.1): one payload, signed by several.
 *
 * @module
 */

import { callOptions, callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import { invalid } from '../../errors.ts';
import { encodeHeaders, type HeaderMap } from './headers.ts';
import { bytesGiven, checkNames, externalAadOf } from './options.ts';
import { type WriteOptions, writeOptions } from './sign1.ts';
import { signerStructure } from './signature-structure.ts';
import { type SignatureOptions, signatureOptions, signed, signerHeaders } from './signer-headers.ts';
import { encodeCose } from './structure.ts';

/** What goes into a COSE_Sign beside the payload and its signers. */
export interface SignOptions extends CallOptions, WriteOptions {
  /** Protected parameters of the content, which every signer signs: its type, for example. */
  readonly protectedHeaders?: HeaderMap;
  readonly unprotectedHeaders?: HeaderMap;
}

/** The most signatures that are written or read. */
export const maxSignatures = 16;

const KNOWN = [...writeOptions, ...callOptions, 'protectedHeaders', 'unprotectedHeaders'];

/**
 * Signs a payload with every signer, at the same time. The result is tagged (98). Failures are those
 * of `signSign1`; the first signer that fails ends the whole.
 */
export async function signSign(
  payload: Uint8Array,
  signers: readonly SignatureOptions[],
  options: SignOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkNames(options, KNOWN);
  if (!Array.isArray(signers) || signers.length === 0 || signers.length > maxSignatures) {
    throw invalid(`from 1 to ${maxSignatures} signers are needed`, 'signers');
  }
  const content = bytesGiven(payload, 'payload');
  const externalAad = externalAadOf(options);
  const call = callOptionsOf(options);
  const body = encodeHeaders(options.protectedHeaders ?? new Map(), options.unprotectedHeaders);
  const sign = async (one: SignatureOptions): Promise<CborValue> => {
    checkNames(one, signatureOptions);
    const { protectedBytes, unprotected } = signerHeaders(one);
    const message = signerStructure(body.protectedBytes, protectedBytes, externalAad, content);
    return [protectedBytes, unprotected, await signed(one.signer, message, call)];
  };
  const signatures = await Promise.all(signers.map(sign));
  const { protectedBytes, unprotected } = body;
  const attached = options.detached ? null : content;
  return encodeCose('sign', [protectedBytes, unprotected, attached, signatures], options.tagged);
}
