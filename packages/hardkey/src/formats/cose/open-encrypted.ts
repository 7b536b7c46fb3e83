/**
 * Opens either encrypted structure with whatever key the reader has.
 *
 * @module
 */
import type { Decryptor } from '../../core/operations.ts';
import {
  type OpenEncryptToOptions,
  openEncrypt,
  openEncryptElements,
  openEncryptToOptions,
} from './encrypt.ts';
import { openEncrypt0Elements } from './encrypt0.ts';
import { malformed } from './headers.ts';
import { checkReadOptions, keyGiven } from './options.ts';
import type { RecipientKey } from './recipients.ts';
import { decodeCose } from './structure.ts';

/** A key that opens: of COSE_Encrypt0 by itself, of COSE_Encrypt as one of the recipients or directly. */
export type OpeningKey = Decryptor | RecipientKey;

/** Decrypts a COSE_Encrypt0 or a COSE_Encrypt, whichever it is. Failures are those of `openEncrypt`. */
export async function openEncrypted(
  bytes: Uint8Array,
  key: OpeningKey,
  options: OpenEncryptToOptions = {},
): Promise<Uint8Array> {
  keyGiven(key, 'key');
  if (!('decrypt' in key)) return openEncrypt(bytes, key, options);
  checkReadOptions(options, openEncryptToOptions);
  const { kind, elements } = decodeCose(bytes, options);
  const within = { ...options, within: bytes };
  if (kind === 'encrypt') return openEncryptElements(elements, key, within);
  if (kind === 'encrypt0') return openEncrypt0Elements(elements, key, within);
  throw malformed('not an encrypted structure', 0);
}
