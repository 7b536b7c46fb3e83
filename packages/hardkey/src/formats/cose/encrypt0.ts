/**
 * COSE_Encrypt0 (RFC 9052 §5.2): for whoever shares the key.
 *
 * @module
 */
import { algorithmOfCose } from '../../core/algorithms.ts';
import { callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions, Decryptor, Encryptor } from '../../core/operations.ts';
import { type CborValue, encodeCbor } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';
import {
  bytesOf,
  coseIdentifier,
  decodeHeaders,
  encodeHeaders,
  type Headers,
  headerLabel,
  malformed,
  protectedAlgorithm,
} from './headers.ts';
import { decodeCoseAs, encodeCose } from './structure.ts';

/** What goes into the encryption beside the plaintext. */
export interface EncryptOptions extends CallOptions {
  readonly externalAad?: Uint8Array;
  /** The `kid`, unprotected. Absent by default. */
  readonly keyId?: Uint8Array;
}

const NOTHING = new Uint8Array();

/** Encrypts. The result is tagged (16) and carries algorithm and nonce. */
export async function encryptEncrypt0(
  plaintext: Uint8Array,
  encryptor: Encryptor,
  options: EncryptOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { externalAad = NOTHING, keyId } = options;
  const protectedBytes = contentHeader(encryptor);
  const aad = encryptionStructure('Encrypt0', protectedBytes, externalAad);
  const { nonce, ciphertext } = await encryptor.encrypt(plaintext, aad, callOptionsOf(options));
  return encodeCose('encrypt0', [protectedBytes, contentParameters(nonce, keyId), ciphertext]);
}

/**
 * Decrypts. Throws `MALFORMED`, field `cose`; `UNSUPPORTED` when it was encrypted with another
 * algorithm than the key's; `DECRYPTION_FAILED` for everything that is wrong with the ciphertext.
 */
export async function openEncrypt0(
  bytes: Uint8Array,
  decryptor: Decryptor,
  options: CallOptions & { readonly externalAad?: Uint8Array } = {},
): Promise<Uint8Array> {
  const [first, second, ciphertext] = decodeCoseAs(bytes, 'encrypt0');
  const headers = decodeHeaders(first, second);
  if (!(ciphertext instanceof Uint8Array)) throw malformed('the ciphertext is not a byte string');
  return openContent('Encrypt0', headers, ciphertext, decryptor, options);
}

/** Opens the content of either encrypted structure. */
export async function openContent(
  context: EncryptionContext,
  headers: Headers,
  ciphertext: Uint8Array,
  decryptor: Decryptor,
  options: CallOptions & { readonly externalAad?: Uint8Array } = {},
): Promise<Uint8Array> {
  const used = contentAlgorithm(headers);
  if (used !== decryptor.algorithm) {
    throw new Failure('UNSUPPORTED', 'encrypted with another algorithm than the key has', {
      algorithm: used,
    });
  }
  const nonce = bytesOf(headers, headerLabel.iv);
  if (nonce === undefined) throw malformed('there is no nonce');
  const aad = encryptionStructure(context, headers.protectedBytes, options.externalAad ?? NOTHING);
  return decryptor.decrypt({ nonce, ciphertext }, aad, callOptionsOf(options));
}

/** The content encryption algorithm the protected header names. */
export function contentAlgorithm(headers: Headers): string {
  const id = protectedAlgorithm(headers);
  const facts = typeof id === 'number' ? algorithmOfCose(id, 'aead') : undefined;
  if (facts !== undefined) return facts.name;
  throw new Failure('UNSUPPORTED', 'unknown encryption algorithm', {
    field: 'cose.alg',
    algorithm: String(id),
  });
}

/** Which structure is encrypted. */
export type EncryptionContext = 'Encrypt' | 'Encrypt0';

/** The Enc_structure of RFC 9052 §5.3: the associated data. */
export function encryptionStructure(
  context: EncryptionContext,
  protectedBytes: Uint8Array,
  externalAad: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return encodeCbor([context, protectedBytes, externalAad]);
}

/** The protected header of encrypted content. */
export function contentHeader(encryptor: Encryptor): Uint8Array {
  return encodeHeaders(new Map([[headerLabel.algorithm, coseIdentifier(encryptor.algorithm)]]))
    .protectedBytes;
}

/** The unprotected header of encrypted content. */
export function contentParameters(nonce: Uint8Array, keyId?: Uint8Array): Map<CborValue, CborValue> {
  const parameters = new Map<CborValue, CborValue>([[headerLabel.iv, nonce]]);
  if (keyId !== undefined) parameters.set(headerLabel.keyId, keyId);
  return parameters;
}
