/**
 * COSE_Encrypt0 (RFC 9052 §5.2): for whoever shares the key.
 *
 * @module
 */
import { callOptions, callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions, Decryptor, Encryptor } from '../../core/operations.ts';
import { type CborValue, encodeCbor } from '../../encoding/cbor/index.ts';
import { Failure, invalid } from '../../errors.ts';
import {
  bytesOf,
  coseIdentifier,
  decodeHeaders,
  encodeHeaders,
  type HeaderMap,
  type HeaderOptions,
  type Headers,
  header,
  headerLabel,
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
  optionsGiven,
  type ReadOptions,
  readOptions,
} from './options.ts';
import { keyIdBytes } from './signer-headers.ts';
import { decodeCoseAs, encodeCose } from './structure.ts';

/** What the encryption of content takes beside the plaintext. */
export interface ContentOptions extends CallOptions, BoundTo {
  /** More protected parameters. */
  readonly protectedHeaders?: HeaderMap;
  readonly unprotectedHeaders?: HeaderMap;
  /** Write the CBOR tag. Default true. */
  readonly tagged?: boolean;
}

/** Names of {@link ContentOptions}. */
export const contentOptions: readonly string[] = [
  ...callOptions,
  'externalAad',
  'protectedHeaders',
  'unprotectedHeaders',
  'tagged',
];

/** What goes into the encryption beside the plaintext. */
export interface EncryptOptions extends ContentOptions {
  /** The `kid`, unprotected: text stands for its UTF-8. Absent by default. */
  readonly keyId?: string | Uint8Array;
}

/** What decryption needs beside the key. */
export interface OpenEncryptOptions extends CallOptions, ReadOptions, BoundTo {
  /** The ciphertext, where it is detached (RFC 9052 §5.1). */
  readonly ciphertext?: Uint8Array;
}

/** Names of {@link OpenEncryptOptions}. */
export const openEncryptOptions: readonly string[] = [...callOptions, ...readOptions, 'ciphertext'];

/** Encrypts. The result is tagged (16) and carries algorithm and nonce. */
export async function encryptEncrypt0(
  plaintext: Uint8Array,
  encryptor: Encryptor,
  options: EncryptOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { keyId, ...rest } = optionsGiven(options);
  checkNames(rest, contentOptions);
  const elements = await encryptContent('Encrypt0', plaintext, encryptor, rest, keyIdBytes(keyId));
  return encodeCose('encrypt0', elements, options.tagged);
}

/**
 * Decrypts. Throws `MALFORMED`, field `cose`; `UNSUPPORTED` for an algorithm that is not known;
 * `DECRYPTION_FAILED` for another key, also one for another algorithm, and for everything that is wrong
 * with the ciphertext.
 */
export async function openEncrypt0(
  bytes: Uint8Array,
  decryptor: Decryptor,
  options: OpenEncryptOptions = {},
): Promise<Uint8Array> {
  keyGiven(decryptor, 'decryptor');
  checkReadOptions(options, openEncryptOptions);
  const elements = decodeCoseAs(bytes, 'encrypt0', options);
  return openEncrypt0Elements(elements, decryptor, { ...options, within: bytes });
}

/** Decrypts the elements of a COSE_Encrypt0. */
export async function openEncrypt0Elements(
  [first, second, ciphertext]: readonly CborValue[],
  decryptor: Decryptor,
  options: OpenEncryptOptions & HeaderOptions,
): Promise<Uint8Array> {
  const headers = decodeHeaders(first, second, options);
  return openContent('Encrypt0', headers, ciphertextOf(ciphertext, options), decryptor, options);
}

/** The first three elements of either encrypted structure. */
export async function encryptContent(
  context: EncryptionContext,
  plaintext: Uint8Array,
  encryptor: Encryptor,
  options: ContentOptions,
  keyId?: Uint8Array,
): Promise<readonly CborValue[]> {
  keyGiven(encryptor, 'encryptor');
  const protectedMap = withMore(
    new Map<CborValue, CborValue>([[headerLabel.algorithm, coseIdentifier(encryptor.algorithm)]]),
    options.protectedHeaders,
  );
  // The nonce is not known before encryption: what may not stand beside it is refused before.
  const { protectedBytes } = encodeHeaders(protectedMap, unprotectedWith(new Uint8Array(), keyId, options));
  const aad = encryptionStructure(context, protectedBytes, externalAadOf(options));
  const content = bytesGiven(plaintext, 'plaintext');
  const { nonce, ciphertext } = await encryptor.encrypt(content, aad, callOptionsOf(options));
  return [protectedBytes, unprotectedWith(nonce, keyId, options), ciphertext];
}

/** The ciphertext, attached or brought along. A document without it that nobody expected is `MALFORMED`. */
export function ciphertextOf(
  attached: CborValue | undefined,
  { ciphertext }: Pick<OpenEncryptOptions, 'ciphertext'>,
): Uint8Array {
  const isDetached = attached === null && ciphertext !== undefined;
  if (isDetached) return bytesGiven(ciphertext, 'ciphertext');
  if (!(attached instanceof Uint8Array)) throw malformed('the ciphertext is not a byte string');
  if (ciphertext !== undefined) throw invalid('the ciphertext is attached', 'ciphertext');
  return attached;
}

/** Opens the content of either encrypted structure. */
export async function openContent(
  context: EncryptionContext,
  headers: Headers,
  ciphertext: Uint8Array,
  decryptor: Decryptor,
  options: CallOptions & BoundTo = {},
): Promise<Uint8Array> {
  const used = contentAlgorithm(headers);
  if (used !== decryptor.algorithm) {
    throw new Failure('DECRYPTION_FAILED', 'encrypted with another algorithm than the key has', {
      algorithm: used,
    });
  }
  const nonce = nonceOf(headers);
  const aad = encryptionStructure(context, headers.protectedBytes, externalAadOf(options));
  return decryptor.decrypt({ nonce, ciphertext }, aad, callOptionsOf(options));
}

/** The content encryption algorithm the protected header names. */
export function contentAlgorithm(headers: Headers): string {
  return namedAlgorithms(headers, 'aead', 'unknown encryption algorithm')[0].name;
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

function unprotectedWith(
  nonce: Uint8Array,
  keyId: Uint8Array | undefined,
  { unprotectedHeaders }: ContentOptions,
): HeaderMap {
  const parameters = new Map<CborValue, CborValue>([[headerLabel.iv, nonce]]);
  if (keyId !== undefined) parameters.set(headerLabel.keyId, keyId);
  return withMore(parameters, unprotectedHeaders, 'unprotectedHeaders');
}

function nonceOf(headers: Headers): Uint8Array {
  const nonce = bytesOf(headers, headerLabel.iv);
  const partial = header(headers, headerLabel.partialIv);
  if (nonce === undefined && partial !== undefined) {
    throw new Failure('UNSUPPORTED', 'a Partial IV needs a context', { field: 'cose.partialIv' });
  }
  if (nonce === undefined) throw malformed('there is no nonce');
  // RFC 9052 §3.1: the two are never in one layer.
  if (partial !== undefined) throw malformed('there are two nonces');
  return nonce;
}
