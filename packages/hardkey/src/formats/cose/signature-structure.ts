/**
 * The Sig_structure of RFC 9052 §4.4: the bytes that are signed.
 *
 * @module
 */
import { encodeCbor } from '../../encoding/cbor/index.ts';

/** Of a COSE_Sign1. */
export function signatureStructure(
  protectedBytes: Uint8Array,
  externalAad: Uint8Array,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return encodeCbor(['Signature1', protectedBytes, externalAad, payload]);
}

/** Of one signer of a COSE_Sign: the protected header of the body, and that of the signature. */
export function signerStructure(
  bodyProtected: Uint8Array,
  signProtected: Uint8Array,
  externalAad: Uint8Array,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return encodeCbor(['Signature', bodyProtected, signProtected, externalAad, payload]);
}
