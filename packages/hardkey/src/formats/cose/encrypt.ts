/**
 * COSE_Encrypt (RFC 9052 §5.1): for recipients, each with a way of its own to the content key. This is
 * envelope encryption: an Aead for the content and a KeyWrapper for its key.
 *
 * @module
 */
import type { AeadAlgorithm } from '../../core/algorithms.ts';
import { callOptionsOf } from '../../core/call-options.ts';
import { aeadOf, createContentKey } from '../../core/content-keys.ts';
import type { CallOptions } from '../../core/operations.ts';
import {
  contentAlgorithm,
  contentHeader,
  contentParameters,
  encryptionStructure,
  openContent,
} from './encrypt0.ts';
import { decodeHeaders, malformed } from './headers.ts';
import { encodeRecipient, openRecipients, type Recipient, type RecipientKey } from './recipients.ts';
import { decodeCoseAs, encodeCose } from './structure.ts';

/** Options of encrypting for recipients. */
export interface EncryptToOptions extends CallOptions {
  readonly externalAad?: Uint8Array;
  /** What encrypts the content. Default A256GCM. */
  readonly contentAlgorithm?: AeadAlgorithm;
}

const NOTHING = new Uint8Array();

/** Encrypts under a fresh content key, which is wrapped for each recipient. The result is tagged (96). */
export async function encryptTo(
  plaintext: Uint8Array,
  recipients: readonly Recipient[],
  options: EncryptToOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { externalAad = NOTHING, contentAlgorithm: name = 'A256GCM' } = options;
  const call = callOptionsOf(options);
  const contentKey = createContentKey(name);
  try {
    const aead = await aeadOf(contentKey, name);
    const protectedBytes = contentHeader(aead);
    const aad = encryptionStructure('Encrypt', protectedBytes, externalAad);
    const { nonce, ciphertext } = await aead.encrypt(plaintext, aad, call);
    const encoded = await Promise.all(recipients.map((one) => encodeRecipient(one, contentKey, call)));
    return encodeCose('encrypt', [protectedBytes, contentParameters(nonce), ciphertext, encoded]);
  } finally {
    contentKey.fill(0);
  }
}

/** Decrypts as the recipient whose key this is. Failures are those of `openEncrypt0`. */
export async function openEncrypt(
  bytes: Uint8Array,
  key: RecipientKey,
  options: CallOptions & { readonly externalAad?: Uint8Array } = {},
): Promise<Uint8Array> {
  const [first, second, ciphertext, recipients] = decodeCoseAs(bytes, 'encrypt');
  const headers = decodeHeaders(first, second);
  if (!(ciphertext instanceof Uint8Array)) throw malformed('the ciphertext is not a byte string');
  if (!Array.isArray(recipients) || recipients.length === 0) throw malformed('there are no recipients');
  const name = contentAlgorithm(headers) as AeadAlgorithm;
  const contentKey = await openRecipients(recipients, key, callOptionsOf(options));
  try {
    return await openContent('Encrypt', headers, ciphertext, await aeadOf(contentKey, name), options);
  } finally {
    contentKey.fill(0);
  }
}
