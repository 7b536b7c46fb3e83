/**
 * hardkey: one interface over keys that never leave where they live.
 *
 * The paved path. Providers are imported from `hardkey/providers/<name>` and formats from
 * `hardkey/formats/<name>`.
 *
 * @module
 */
export {
  type AeadAlgorithm,
  type AgreementAlgorithm,
  type Algorithm,
  type AlgorithmFacts,
  type AlgorithmFor,
  type Algorithms,
  algorithm,
  algorithms,
  type Curve,
  type Hash,
  isAlgorithm,
  isSignatureAlgorithm,
  type KeyType,
  type MacAlgorithm,
  type OperationKind,
  type SignatureAlgorithm,
  type WrapAlgorithm,
} from './core/algorithms.ts';
export { importPublicKey, type PublicKeySource } from './core/import-public-key.ts';
export type {
  CheckingOptions,
  Custody,
  Key,
  KeyInfo,
  KeyMaterial,
  KeyProvider,
  KeySpec,
  KeyState,
} from './core/key.ts';
export { type KeyRef, keyRef, parseKeyRef } from './core/key-ref.ts';
export { type CheckOptions, createKeys, type Keys, type ListOptions, type OpenOptions } from './core/keys.ts';
export type {
  Aead,
  Bound,
  CallOptions,
  Decryptor,
  DigestSigner,
  Encryptor,
  GeneratedKey,
  KeyAgreement,
  KeyWrapper,
  Mac,
  Sealed,
  Signer,
  WrappingKey,
} from './core/operations.ts';
export type { AuditLog, AuditRecord } from './core/policy/audit.ts';
export type { MetricLabels, Metrics } from './core/policy/metrics.ts';
export type { Policy, RetryPolicy } from './core/policy/policy.ts';
export type { PublicKey } from './core/public-key.ts';
export { Secret, type SecretSource } from './core/secret.ts';
export {
  type Check,
  createTrust,
  keyIdText,
  type SignedBytes,
  type Trust,
  type Trusted,
  type TrustedKey,
  type TrustOptions,
  type TrustSource,
  verifyTrusted,
} from './core/trust/trust.ts';
export { verify } from './core/verify.ts';
export { verifyDigest } from './core/verify-digest.ts';
export type { CertificateHash } from './core/x509/x5t.ts';
export { ecdsaFromDer, ecdsaToDer } from './encoding/ecdsa.ts';
export {
  Failure,
  type FailureCode,
  type FailureDetails,
  type FailureRow,
  failureCodes,
  failureRow,
  isFailure,
} from './errors.ts';
