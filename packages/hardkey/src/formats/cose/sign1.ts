/**
 * COSE_Sign1 (RFC 9052 §4.2): signing.
 *
 * @module
 */
import { callOptions, callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions, Signer } from '../../core/operations.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import { type BoundTo, bytesGiven, checkNames, externalAadOf } from './options.ts';
import { signatureStructure } from './signature-structure.ts';
import {
  type SignatureOptions,
  type SigningKey,
  signatureOptions,
  signed,
  signerHeaders,
} from './signer-headers.ts';
import { encodeCose } from './structure.ts';

/** In which form a structure is written. */
export interface WriteOptions extends BoundTo {
  /** Leave the payload out; the reader brings it (RFC 9052 §4.1). Default false. */
  readonly detached?: boolean;
  /** Write the CBOR tag. Default true. */
  readonly tagged?: boolean;
}

/** Names of {@link WriteOptions}. */
export const writeOptions: readonly string[] = ['externalAad', 'detached', 'tagged'];

/** What goes into a COSE_Sign1 beside the payload. */
export interface Sign1Options<S = Signer> extends CallOptions, SignatureOptions<S>, WriteOptions {}

const KNOWN = [...signatureOptions, ...writeOptions, ...callOptions];

/**
 * Signs a payload. Throws `ARGUMENT_INVALID` naming the option that is wrong, `SIGNER_MISMATCH` for
 * certificates of another key or an answer that is no signature, and passes on what the signer throws.
 */
export async function signSign1(
  payload: Uint8Array,
  options: Sign1Options,
): Promise<Uint8Array<ArrayBuffer>> {
  const { toBeSigned, elements } = unsignedSign1(payload, options);
  const signature = await signed(options.signer, toBeSigned, callOptionsOf(options));
  return encodeCose('sign1', [...elements, signature], options.tagged);
}

/** The bytes to be signed, and the first three elements. */
export function unsignedSign1(
  payload: Uint8Array,
  options: Sign1Options<SigningKey>,
): { readonly toBeSigned: Uint8Array<ArrayBuffer>; readonly elements: readonly CborValue[] } {
  checkNames(options, KNOWN);
  const { protectedBytes, unprotected } = signerHeaders(options);
  const content = bytesGiven(payload, 'payload');
  return {
    toBeSigned: signatureStructure(protectedBytes, externalAadOf(options), content),
    elements: [protectedBytes, unprotected, options.detached ? null : content],
  };
}
