/**
 * Opens either encrypted structure with whatever key the reader has.
 *
 * @module
 */
import type { CallOptions, Decryptor } from '../../core/operations.ts';
import { openEncrypt } from './encrypt.ts';
import { openEncrypt0 } from './encrypt0.ts';
import type { RecipientKey } from './recipients.ts';

/** A key that opens: of COSE_Encrypt0 by itself, of COSE_Encrypt as one of the recipients. */
export type OpeningKey = Decryptor | RecipientKey;

/** Decrypts a COSE_Encrypt0 or a COSE_Encrypt, as the key says. Failures are those of `openEncrypt0`. */
export async function openEncrypted(
  bytes: Uint8Array,
  key: OpeningKey,
  options: CallOptions & { readonly externalAad?: Uint8Array } = {},
): Promise<Uint8Array> {
  return 'decrypt' in key ? openEncrypt0(bytes, key, options) : openEncrypt(bytes, key, options);
}
