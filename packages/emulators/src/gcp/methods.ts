/**
 * The methods of the service: what each does, and which permission it takes on which resource.
 *
 * @module
 */
import { asymmetricDecrypt, asymmetricSign, getPublicKey } from './asymmetric.ts';
import {
  destroyCryptoKeyVersion,
  restoreCryptoKeyVersion,
  updateCryptoKey,
  updateCryptoKeyPrimaryVersion,
  updateCryptoKeyVersion,
} from './changes.ts';
import { createCryptoKey } from './creation.ts';
import { generateRandomBytes, macSign, macVerify } from './mac.ts';
import { RAW_PERMISSIONS, rawDecrypt, rawEncrypt, rawPermission } from './raw.ts';
import {
  createCryptoKeyVersion,
  createKeyRing,
  getCryptoKey,
  getCryptoKeyVersion,
  getKeyRing,
  listCryptoKeys,
  listCryptoKeyVersions,
  listKeyRings,
} from './resources.ts';
import type { Store } from './store.ts';
import { decrypt, encrypt } from './symmetric.ts';

/** A method: its permission without `cloudkms.`, the field of the request that names the resource, what it does. */
export interface Method {
  readonly permission: string;
  readonly resource: string;
  /** A permission that it takes beside, for some keys. */
  further?(store: Store, request: never): Promise<string | undefined>;
  run(store: Store, request: never): object | Promise<object>;
}

/** The methods by name, as the definitions have them. */
export const METHODS: Readonly<Record<string, Method>> = {
  ListKeyRings: { permission: 'keyRings.list', resource: 'parent', run: listKeyRings },
  GetKeyRing: { permission: 'keyRings.get', resource: 'name', run: getKeyRing },
  CreateKeyRing: { permission: 'keyRings.create', resource: 'parent', run: createKeyRing },
  ListCryptoKeys: { permission: 'cryptoKeys.list', resource: 'parent', run: listCryptoKeys },
  GetCryptoKey: { permission: 'cryptoKeys.get', resource: 'name', run: getCryptoKey },
  CreateCryptoKey: { permission: 'cryptoKeys.create', resource: 'parent', run: createCryptoKey },
  UpdateCryptoKey: { permission: 'cryptoKeys.update', resource: 'cryptoKey.name', run: updateCryptoKey },
  UpdateCryptoKeyPrimaryVersion: {
    permission: 'cryptoKeys.update',
    resource: 'name',
    run: updateCryptoKeyPrimaryVersion,
  },
  ListCryptoKeyVersions: {
    permission: 'cryptoKeyVersions.list',
    resource: 'parent',
    run: listCryptoKeyVersions,
  },
  GetCryptoKeyVersion: { permission: 'cryptoKeyVersions.get', resource: 'name', run: getCryptoKeyVersion },
  CreateCryptoKeyVersion: {
    permission: 'cryptoKeyVersions.create',
    resource: 'parent',
    run: createCryptoKeyVersion,
  },
  UpdateCryptoKeyVersion: {
    permission: 'cryptoKeyVersions.update',
    resource: 'cryptoKeyVersion.name',
    run: updateCryptoKeyVersion,
  },
  DestroyCryptoKeyVersion: {
    permission: 'cryptoKeyVersions.destroy',
    resource: 'name',
    run: destroyCryptoKeyVersion,
  },
  RestoreCryptoKeyVersion: {
    permission: 'cryptoKeyVersions.restore',
    resource: 'name',
    run: restoreCryptoKeyVersion,
  },
  GetPublicKey: { permission: 'cryptoKeyVersions.viewPublicKey', resource: 'name', run: getPublicKey },
  Encrypt: { permission: 'cryptoKeyVersions.useToEncrypt', resource: 'name', run: encrypt },
  Decrypt: { permission: 'cryptoKeyVersions.useToDecrypt', resource: 'name', run: decrypt },
  RawEncrypt: {
    permission: 'cryptoKeyVersions.useToEncrypt',
    resource: 'name',
    further: rawPermission,
    run: rawEncrypt,
  },
  RawDecrypt: {
    permission: 'cryptoKeyVersions.useToDecrypt',
    resource: 'name',
    further: rawPermission,
    run: rawDecrypt,
  },
  AsymmetricSign: { permission: 'cryptoKeyVersions.useToSign', resource: 'name', run: asymmetricSign },
  AsymmetricDecrypt: {
    permission: 'cryptoKeyVersions.useToDecrypt',
    resource: 'name',
    run: asymmetricDecrypt,
  },
  MacSign: { permission: 'cryptoKeyVersions.useToSign', resource: 'name', run: macSign },
  MacVerify: { permission: 'cryptoKeyVersions.useToVerify', resource: 'name', run: macVerify },
  GenerateRandomBytes: {
    permission: 'locations.generateRandomBytes',
    resource: 'location',
    run: generateRandomBytes,
  },
};

/** Every permission that a method takes. */
export const PERMISSIONS: ReadonlySet<string> = new Set(
  [...Object.values(METHODS).map(({ permission }) => permission), ...Object.values(RAW_PERMISSIONS)].map(
    (permission) => `cloudkms.${permission}`,
  ),
);
