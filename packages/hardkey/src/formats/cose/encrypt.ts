/**
 * COSE_Encrypt (RFC 9052 §5.1): for recipients, each with a way of its own to the content key. This is
 * envelope encryption: an Aead for the content and a KeyWrapper for its key.
 *
 * @module
 */
import type { AeadAlgorithm } from '../../core/algorithms.ts';
import { aeadOf, createContentKey, usingContentKey } from '../../core/content-keys.ts';
import type { Decryptor, Encryptor } from '../../core/operations.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import {
  type ContentOptions,
  ciphertextOf,
  contentAlgorithm,
  contentOptions,
  encryptContent,
  type OpenEncryptOptions,
  openContent,
  openEncryptOptions,
} from './encrypt0.ts';
import { decodeHeaders, type HeaderOptions } from './headers.ts';
import { checkNames, checkReadOptions, keyGiven } from './options.ts';
import {
  checkDirect,
  checkDirectSender,
  checkRecipients,
  decodeRecipients,
  directRecipients,
  encodeRecipients,
  type OpenRecipientOptions,
  openRecipientOptions,
  openRecipients,
  type Recipient,
  type RecipientKey,
  type RecipientOptions,
} from './recipients.ts';
import { decodeCoseAs, encodeCose } from './structure.ts';

/** Options of encrypting for recipients. */
export interface EncryptToOptions extends ContentOptions, RecipientOptions {
  /** What encrypts the content. Default A256GCM, or what a direct recipient has. */
  readonly contentAlgorithm?: AeadAlgorithm;
}

/** What opening needs beside the key. */
export interface OpenEncryptToOptions extends OpenEncryptOptions, OpenRecipientOptions {}

const KNOWN = [...contentOptions, 'allowService', 'contentAlgorithm'];
/** Names of {@link OpenEncryptToOptions}. */
export const openEncryptToOptions: readonly string[] = [...openEncryptOptions, ...openRecipientOptions];

/**
 * Encrypts under a fresh content key, which is wrapped for each recipient. The result is tagged (96).
 *
 * A recipient that encrypts itself has the content key, so it stands alone (`direct`, RFC 9053 §6.1.1).
 * Throws `UNSUPPORTED`, field `allowService`, for a service's own wrapping that was not asked for.
 */
export async function encryptTo(
  plaintext: Uint8Array,
  recipients: readonly (Recipient | Encryptor)[],
  options: EncryptToOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkNames(options, KNOWN);
  checkRecipients(recipients);
  const direct = recipients.find((one) => 'encrypt' in one);
  if (direct !== undefined) return encryptDirect(plaintext, direct, recipients.length, options);
  const name = options.contentAlgorithm ?? 'A256GCM';
  return usingContentKey(createContentKey(name), async (contentKey) => {
    const aead = await aeadOf(contentKey, name);
    const [content, encoded] = await Promise.all([
      encryptContent('Encrypt', plaintext, aead, options),
      encodeRecipients(recipients as readonly Recipient[], contentKey, options),
    ]);
    return encodeCose('encrypt', [...content, encoded], options.tagged);
  });
}

/**
 * Decrypts as the recipient whose key this is. Failures are those of `openEncrypt0`; `UNSUPPORTED`,
 * field `allowService`, also for the key of a service that was not asked for.
 */
export async function openEncrypt(
  bytes: Uint8Array,
  key: RecipientKey | Decryptor,
  options: OpenEncryptToOptions = {},
): Promise<Uint8Array> {
  keyGiven(key, 'key');
  checkReadOptions(options, openEncryptToOptions);
  return openEncryptElements(decodeCoseAs(bytes, 'encrypt', options), key, { ...options, within: bytes });
}

/** Decrypts the elements of a COSE_Encrypt. */
export async function openEncryptElements(
  [first, second, attached, list]: readonly CborValue[],
  key: RecipientKey | Decryptor,
  options: OpenEncryptToOptions & HeaderOptions,
): Promise<Uint8Array> {
  const headers = decodeHeaders(first, second, options);
  const ciphertext = ciphertextOf(attached, options);
  const recipients = decodeRecipients(list, options);
  const name = contentAlgorithm(headers) as AeadAlgorithm;
  if ('decrypt' in key) {
    checkDirect(recipients, key, options);
    return openContent('Encrypt', headers, ciphertext, key, options);
  }
  return usingContentKey(await openRecipients(recipients, key, options), async (contentKey) =>
    openContent('Encrypt', headers, ciphertext, await aeadOf(contentKey, name), options),
  );
}

async function encryptDirect(
  plaintext: Uint8Array,
  encryptor: Encryptor,
  count: number,
  options: EncryptToOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  checkDirectSender(count, encryptor.algorithm, 'contentAlgorithm', options.contentAlgorithm);
  const content = await encryptContent('Encrypt', plaintext, encryptor, options);
  return encodeCose('encrypt', [...content, directRecipients(encryptor)], options.tagged);
}
