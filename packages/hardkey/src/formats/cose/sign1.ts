/**
 * COSE_Sign1 (RFC 9052 §4.2): signing, and the structure both sides compute over.
 *
 * @module
 */
import { callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions, Signer } from '../../core/operations.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { type CborValue, encodeCbor } from '../../encoding/cbor/index.ts';
import { coseIdentifier, encodeHeaders, headerLabel } from './headers.ts';
import { encodeCose } from './structure.ts';

/** What goes into a COSE_Sign1 beside the payload. */
export interface Sign1Options extends CallOptions {
  readonly signer: Signer;
  /** The `kid`, protected: text stands for its UTF-8. Default: the public key's short id; `null` for none. */
  readonly keyId?: string | Uint8Array | null;
  readonly externalAad?: Uint8Array;
  /** Leave the payload out; the verifier brings it (RFC 9052 §4.1). Default false. */
  readonly detached?: boolean;
  /** More protected parameters. */
  readonly protectedHeaders?: ReadonlyMap<CborValue, CborValue>;
  readonly unprotectedHeaders?: ReadonlyMap<CborValue, CborValue>;
}

/** Signs a payload. The result is tagged (18). */
export async function signSign1(
  payload: Uint8Array,
  options: Sign1Options,
): Promise<Uint8Array<ArrayBuffer>> {
  const { signer, externalAad = new Uint8Array(), detached = false } = options;
  const { protectedBytes, unprotected } = encodeHeaders(
    protectedHeaders(options),
    options.unprotectedHeaders,
  );
  const signature = await signer.sign(
    signatureStructure(protectedBytes, externalAad, payload),
    callOptionsOf(options),
  );
  return encodeCose('sign1', [protectedBytes, unprotected, detached ? null : payload, signature]);
}

/** The Sig_structure of RFC 9052 §4.4: the bytes that are signed. */
export function signatureStructure(
  protectedBytes: Uint8Array,
  externalAad: Uint8Array,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return encodeCbor(['Signature1', protectedBytes, externalAad, payload]);
}

function protectedHeaders({
  signer,
  keyId,
  protectedHeaders: more,
}: Sign1Options): Map<CborValue, CborValue> {
  const headers = new Map<CborValue, CborValue>([
    ...(more ?? []),
    [headerLabel.algorithm, coseIdentifier(signer.algorithm)],
  ]);
  const kid = keyId === undefined ? signer.publicKey.id : keyId;
  if (kid !== null) headers.set(headerLabel.keyId, typeof kid === 'string' ? utf8(kid) : kid);
  return headers;
}
