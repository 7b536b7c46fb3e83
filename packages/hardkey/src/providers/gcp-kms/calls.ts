/**
 * The methods of Cloud KMS that are called here: what is sent, and what of the answer is read.
 *
 * @module
 */
import type { KmsAlgorithm, Purpose } from './algorithms.ts';

/** Of every answer we read only what is declared, and any of it may be missing. */
type Answer<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

/** `google.protobuf.Int64Value`: a checksum. */
export type Int64Value =
  | { readonly value?: number | string | { toString(): string } | null }
  | null
  | undefined;

/** `google.protobuf.Timestamp`. */
export type Timestamp = Answer<{ seconds: number | string | { toString(): string } }>;

type Bytes = Uint8Array | string;
type Enum = string | number;

interface Named {
  readonly name: string;
}

/** A version of a key. */
export type CryptoKeyVersion = Answer<{
  name: string;
  state: Enum;
  algorithm: Enum;
  protectionLevel: Enum;
  createTime: Timestamp;
}>;

/** A key, and its primary version where it encrypts. */
export type CryptoKey = Answer<{
  name: string;
  purpose: Enum;
  primary: CryptoKeyVersion;
  labels: { readonly [name: string]: string };
}>;

/** A public key in PEM, or as bytes of another format. */
export type KmsPublicKey = Answer<{
  name: string;
  algorithm: Enum;
  protectionLevel: Enum;
  pem: string;
  pemCrc32c: Int64Value;
  publicKey: Answer<{ data: Bytes; crc32cChecksum: Int64Value }>;
}>;

interface Page {
  readonly parent: string;
  readonly pageSize: number;
  readonly pageToken?: string;
}

interface Mask {
  readonly updateMask: { readonly paths: string[] };
}

/** Request and answer of each method. The answers of those that work with a key are read by name. */
export interface Methods {
  getCryptoKey: [Named, CryptoKey];
  getCryptoKeyVersion: [Named, CryptoKeyVersion];
  getPublicKey: [Named & { readonly publicKeyFormat?: 'NIST_PQC' }, KmsPublicKey];
  listCryptoKeys: [Page, readonly CryptoKey[]];
  listCryptoKeyVersions: [Page, readonly CryptoKeyVersion[]];
  asymmetricSign: [Named, object];
  asymmetricDecrypt: [Named, object];
  encrypt: [Named, object];
  decrypt: [Named, object];
  rawEncrypt: [Named, object];
  rawDecrypt: [Named, object];
  macSign: [Named, object];
  macVerify: [Named, object];
  createCryptoKey: [
    {
      readonly parent: string;
      readonly cryptoKeyId: string;
      readonly cryptoKey: {
        readonly purpose: Purpose;
        readonly versionTemplate: {
          readonly protectionLevel: 'SOFTWARE' | 'HSM';
          readonly algorithm: KmsAlgorithm;
        };
        readonly labels: { readonly [name: string]: string };
        readonly destroyScheduledDuration: { readonly seconds: number };
      };
    },
    CryptoKey,
  ];
  createCryptoKeyVersion: [
    { readonly parent: string; readonly cryptoKeyVersion: Record<string, never> },
    CryptoKeyVersion,
  ];
  updateCryptoKey: [
    Mask & { readonly cryptoKey: Named & { readonly labels: { readonly [name: string]: string } } },
    CryptoKey,
  ];
  updateCryptoKeyVersion: [
    Mask & { readonly cryptoKeyVersion: Named & { readonly state: 'ENABLED' | 'DISABLED' } },
    CryptoKeyVersion,
  ];
  updateCryptoKeyPrimaryVersion: [Named & { readonly cryptoKeyVersionId: string }, CryptoKey];
  destroyCryptoKeyVersion: [Named, CryptoKeyVersion];
  testIamPermissions: [
    { readonly resource: string; readonly permissions: string[] },
    Answer<{ permissions: readonly string[] }>,
  ];
}

/** The name of a method. */
export type MethodName = keyof Methods;

/** What a method is given. */
export type Request<M extends MethodName> = Methods[M][0];

/** What it answers. */
export type Response<M extends MethodName> = Methods[M][1];
