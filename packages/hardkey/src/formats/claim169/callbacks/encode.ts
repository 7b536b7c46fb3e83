/**
 * Encoding with a caller's own cryptography.
 *
 * @module
 */
import type { AeadAlgorithm, SignatureAlgorithm } from '../../../core/algorithms.ts';
import type { Signer } from '../../../core/operations.ts';
import { checkOptions, isPublicKey, type TableOf } from '../../../core/option-table.ts';
import type { PublicKey } from '../../../core/public-key.ts';
import { type Encoded, type EncodeOptions, encode } from '../encode.ts';
import type { Identity } from '../fields.ts';
import type { Meta } from '../meta.ts';
import type { PrivateValues } from '../private-fields.ts';
import { encodeTable } from '../unsigned.ts';
import { encryptorFrom } from './aead.ts';
import type { EncryptorCallback, SignatureName, SignerCallback } from './contracts.ts';
import type { KeyIdSource } from './names.ts';
import { signerFrom } from './signer.ts';

/** Options of encoding with an encryptor callback, whoever signs. */
export interface EncodeWithEncryptorOptions<V extends PrivateValues = PrivateValues>
  extends Omit<EncodeOptions<V>, 'signer' | 'encryptTo' | 'contentAlgorithm' | 'allowService'> {
  /** The `kid` of the COSE_Encrypt0, which the encryptor gets too. Default: none. */
  readonly encryptionKeyId?: KeyIdSource;
}

/** Options of encoding with a signer callback. */
export interface EncodeWithSignerOptions<V extends PrivateValues = PrivateValues>
  extends Omit<EncodeOptions<V>, 'signer'> {
  /**
   * The public key of the signer. Give it: then nothing is released that does not verify under it, and
   * the `kid` is its short id unless `keyId` says otherwise. Without it there is no `kid` by default.
   */
  readonly publicKey?: PublicKey;
}

/** Options of encoding with both. */
export interface EncodeWithSignerAndEncryptorOptions<V extends PrivateValues = PrivateValues>
  extends EncodeWithEncryptorOptions<V>,
    Pick<EncodeWithSignerOptions, 'publicKey'> {}

/**
 * Encodes an identity that a callback signs. Failures are those of `encode`; an answer that is no
 * signature of the algorithm, or not by `publicKey`, is `SIGNER_MISMATCH`, and an error of the callback
 * is the `cause` of a failure that says whether it is an outage, a refusal or a missing key.
 */
export async function encodeWithSigner<V extends PrivateValues>(
  identity: Identity<V>,
  meta: Meta,
  signer: SignerCallback,
  algorithm: SignatureName | SignatureAlgorithm,
  options: EncodeWithSignerOptions<V> = {},
): Promise<Encoded> {
  checkOptions(options, WITH_SIGNER);
  const { publicKey, ...rest } = options;
  const keyId = rest.keyId === undefined ? (publicKey?.id ?? null) : rest.keyId;
  const given = publicKey === undefined ? { keyId } : { keyId, publicKey };
  return encode(identity, meta, { ...rest, keyId, signer: signerFrom(signer, algorithm, given) });
}

const { signer: _signer, ...UNSIGNED } = encodeTable;
const WITH_SIGNER: TableOf<EncodeWithSignerOptions> = { ...UNSIGNED, publicKey: isPublicKey };
// Who encrypts is an argument, and for recipients these functions do not.
const { encryptTo: _encryptTo, contentAlgorithm: _content, allowService: _service, ...SEALING } = UNSIGNED;
const WITH_ENCRYPTOR: TableOf<EncodeWithEncryptorOptions> = SEALING;
const WITH_BOTH: TableOf<EncodeWithSignerAndEncryptorOptions> = { ...SEALING, publicKey: isPublicKey };

/** Encodes an identity that one callback signs and another encrypts, in this order. */
export async function encodeWithSignerAndEncryptor<V extends PrivateValues>(
  identity: Identity<V>,
  meta: Meta,
  signer: SignerCallback,
  signAlgorithm: SignatureName | SignatureAlgorithm,
  encryptor: EncryptorCallback,
  encryptAlgorithm: AeadAlgorithm,
  options: EncodeWithSignerAndEncryptorOptions<V> = {},
): Promise<Encoded> {
  checkOptions(options, WITH_BOTH);
  const encryptTo = encryptorFrom(encryptor, encryptAlgorithm, { keyId: options.encryptionKeyId ?? null });
  return encodeWithSigner(identity, meta, signer, signAlgorithm, { ...options, encryptTo });
}

/** Encodes an identity that a key of this library signs and a callback encrypts, in this order. */
export async function encodeWithEncryptor<V extends PrivateValues>(
  identity: Identity<V>,
  meta: Meta,
  signer: Signer,
  encryptor: EncryptorCallback,
  encryptAlgorithm: AeadAlgorithm,
  options: EncodeWithEncryptorOptions<V> = {},
): Promise<Encoded> {
  checkOptions(options, WITH_ENCRYPTOR);
  const encryptTo = encryptorFrom(encryptor, encryptAlgorithm, { keyId: options.encryptionKeyId ?? null });
  return encode(identity, meta, { ...options, signer, encryptTo });
}
