/**
 * The slices of the SDK that are called: what is sent, and what of the answers is read. Any object that has
 * them will do.
 *
 * @module
 */

/** Of every answer we read only what is declared, and any of it may be missing. */
type Answer<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What the SDK shows of an answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly rawHeaders?: Readonly<Record<string, string>>;
  readonly parsedBody?: unknown;
}

/** What every call is given. */
export interface CallingOptions {
  readonly abortSignal?: AbortSignal;
  readonly onResponse?: (answer: RawAnswer) => void;
}

/** What is known of a version of a key without its public half. */
export type KeyProperties = Answer<{
  id: string;
  enabled: boolean;
  notBefore: Date;
  expiresOn: Date;
  createdOn: Date;
  exportable: boolean;
  managed: boolean;
  recoveryLevel: string;
  hsmPlatform: string;
  tags: Readonly<Record<string, string>>;
}>;

/** A public key as the SDK shows it. */
export type PublicJwk = Answer<{
  kty: string;
  crv: string;
  n: Uint8Array;
  e: Uint8Array;
  x: Uint8Array;
  y: Uint8Array;
}>;

/** A version of a key. */
export type VaultKey = Answer<{
  id: string;
  key: PublicJwk;
  keyType: string;
  keyOperations: readonly string[];
  properties: KeyProperties;
}>;

/** The slice of the SDK's `KeyClient` that is called. */
export interface KeyClient {
  readonly vaultUrl: string;
  getKey(name: string, options?: CallingOptions & { readonly version?: string }): Promise<VaultKey>;
  createKey(
    name: string,
    keyType: string,
    options?: CallingOptions & {
      readonly keyOps?: string[];
      readonly curve?: string;
      readonly keySize?: number;
      readonly tags?: Record<string, string>;
    },
  ): Promise<VaultKey>;
  updateKeyProperties(
    name: string,
    version: string,
    options?: CallingOptions & {
      readonly enabled?: boolean;
      readonly keyOps?: string[];
      readonly tags?: Record<string, string>;
    },
  ): Promise<VaultKey>;
  rotateKey(name: string, options?: CallingOptions): Promise<VaultKey>;
  beginDeleteKey(name: string, options?: CallingOptions): Promise<unknown>;
  listPropertiesOfKeys(options?: CallingOptions): AsyncIterable<KeyProperties>;
  listPropertiesOfKeyVersions(name: string, options?: CallingOptions): AsyncIterable<KeyProperties>;
  /** Makes a client for one version of a key. */
  getCryptographyClient(name: string, options: { readonly keyVersion: string }): CryptographyClient;
}

/** The slice of the SDK's `CryptographyClient` that is called. */
export interface CryptographyClient {
  sign(algorithm: string, digest: Uint8Array, options?: CallingOptions): Promise<Result>;
  unwrapKey(algorithm: string, wrapped: Uint8Array, options?: CallingOptions): Promise<Result>;
  decrypt(algorithm: string, ciphertext: Uint8Array, options?: CallingOptions): Promise<Result>;
  verify(
    algorithm: string,
    digest: Uint8Array,
    signature: Uint8Array,
    options?: CallingOptions,
  ): Promise<Answer<{ result: boolean }>>;
}

/** The operations on one key that give bytes. */
export type KeyOperation = Exclude<keyof CryptographyClient, 'verify'>;

/** What they answer. */
export type Result = Answer<{ result: Uint8Array }>;

/** The slice of a credential of `@azure/identity` that the SDK calls. */
export interface TokenCredential {
  getToken(
    scopes: string | string[],
    options?: { readonly abortSignal?: { readonly aborted: boolean }; readonly tenantId?: string },
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}
