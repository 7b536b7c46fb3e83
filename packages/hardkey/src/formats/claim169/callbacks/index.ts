/**
 * A caller's own cryptography: signer, verifier, encryptor and decryptor callbacks.
 *
 * @module
 */
export {
  type AeadCallbackOptions,
  aeadFrom,
  decryptorCallback,
  decryptorFrom,
  encryptorCallback,
  encryptorFrom,
} from './aead.ts';
export type {
  DecryptorCallback,
  EncryptionName,
  EncryptorCallback,
  SignatureName,
  SignerCallback,
  ThrowingVerifierCallback,
  VerifierCallback,
} from './contracts.ts';
export {
  type DecodeWithDecryptorOptions,
  type DecodeWithVerifierOptions,
  decodeWithDecryptor,
  decodeWithVerifier,
} from './decode.ts';
export {
  type EncodeWithEncryptorOptions,
  type EncodeWithSignerAndEncryptorOptions,
  type EncodeWithSignerOptions,
  encodeWithEncryptor,
  encodeWithSigner,
  encodeWithSignerAndEncryptor,
} from './encode.ts';
export type { KeyIdSource } from './names.ts';
export { type SignerCallbackOptions, signerCallback, signerFrom } from './signer.ts';
export { throwingVerifier, verifierCallback } from './verifier.ts';
