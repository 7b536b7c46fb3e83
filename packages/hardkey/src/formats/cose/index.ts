/**
 * COSE (RFC 9052): COSE_Sign1, COSE_Encrypt0 and COSE_Encrypt.
 *
 * @module
 */
export { wrapperFor } from '../../core/content-keys.ts';
export { type EncryptToOptions, encryptTo, openEncrypt } from './encrypt.ts';
export { type EncryptOptions, encryptEncrypt0, openEncrypt0 } from './encrypt0.ts';
export { type HeaderMap, type Headers, headerLabel } from './headers.ts';
export { type OpeningKey, openEncrypted } from './open-encrypted.ts';
export type { Recipient, RecipientKey } from './recipients.ts';
export { type Sign1Options, signatureStructure, signSign1 } from './sign1.ts';
export { type CoseKind, decodeCose } from './structure.ts';
export { decodeSign1, type OpenedSign1, type OpenSign1Options, openSign1, type Sign1 } from './verify.ts';
