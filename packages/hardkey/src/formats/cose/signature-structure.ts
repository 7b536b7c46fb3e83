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
  // The head of the array, and the context with its own.
  const room = 12 + encodedLength(protectedBytes) + encodedLength(externalAad) + encodedLength(payload);
  return encodeCbor(['Signature1', protectedBytes, externalAad, payload], room);
}

/** How long a byte string is with its head (RFC 8949 §3). */
function encodedLength({ length }: Uint8Array): number {
  return length + (length < 24 ? 1 : length < 0x100 ? 2 : length < 0x1_0000 ? 3 : 5);
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
