/**
 * COSE (RFC 9052): signatures, codes and encryption, for one and for several.
 *
 * @module
 */
export { wrapperFor } from '../../core/content-keys.ts';
export type { DataKeyLimits, DataKeySource } from './data-keys.ts';
export { attachContent, type Detached, detachContent } from './detached.ts';
export {
  type EncryptToOptions,
  encryptTo,
  type OpenEncryptToOptions,
  openEncrypt,
} from './encrypt.ts';
export {
  type ContentOptions,
  type EncryptOptions,
  encryptEncrypt0,
  type OpenEncryptOptions,
  openEncrypt0,
} from './encrypt0.ts';
export {
  createEnvelope,
  type Envelope,
  type EnvelopeKey,
  type EnvelopeOptions,
  readEnvelopeKey,
} from './envelope.ts';
export { type HeaderMap, type Headers, headerLabel } from './headers.ts';
export {
  decodeCoseKey,
  decodeCoseKeySet,
  encodeCoseKey,
  encodeCoseKeySet,
  type NamedKey,
  type ReadKey,
} from './key-set.ts';
export { type MacToOptions, macTo, type OpenMacToOptions, openMac } from './mac.ts';
export { type Mac0Options, macMac0, type OpenedMac, type OpenMacOptions, openMac0 } from './mac0.ts';
export { type OpeningKey, openEncrypted } from './open-encrypted.ts';
export type { BoundTo, ReadOptions } from './options.ts';
export {
  type CompleteSign1Options,
  completeSign1,
  type PreparedSign1,
  prepareSign1,
} from './prepare-sign1.ts';
export {
  directAlgorithm,
  type OpenRecipientOptions,
  type Recipient,
  type RecipientKey,
  type RecipientOptions,
  serviceAlgorithm,
} from './recipients.ts';
export { type SignOptions, signSign } from './sign.ts';
export { type Sign1Options, signSign1, type WriteOptions } from './sign1.ts';
export { signatureStructure, signerStructure } from './signature-structure.ts';
export type { SignatureOptions, SigningKey } from './signer-headers.ts';
export {
  type CoseKind,
  type CoseStructure,
  decodeCose,
  type StructureOptions,
  type TagRule,
} from './structure.ts';
export { decodeSign1, type OpenedSign1, type OpenSign1Options, openSign1, type Sign1 } from './verify.ts';
export { decodeSign, type OpenedSign, type OpenSignOptions, openSign, type Sign } from './verify-sign.ts';
export type { OpenedSignature, VerifyOptions } from './verify-signature.ts';
export { type CertificateResolver, type X509Parameters, x509Parameters } from './x509-read.ts';
export {
  type CertificateList,
  type CertificateOptions,
  checkIssueTime,
  type SignerCertificates,
  signerCertificates,
} from './x509-write.ts';
