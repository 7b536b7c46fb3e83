/**
 * Keys in Google Cloud Key Management Service.
 *
 * @module
 */
import type { Key, KeyProvider } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { parseGcpResource } from '../../core/refs/gcp.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { addressOf, readAddress } from './address.ts';
import { makingOf } from './algorithms.ts';
import { checkKey } from './check.ts';
import { serviceOf } from './client.ts';
import { type GcpKmsConfig, readConfig } from './config.ts';
import { type Description, describeKey, type Lookup } from './describe.ts';
import { heldKey } from './held-key.ts';
import { infoOf, keyOf } from './key.ts';
import { checkOwn, destroyKey, makeKey, type Place, setKeyState } from './lifecycle.ts';
import { listKeys } from './list.ts';
import { rotateKey } from './rotate.ts';

export type { KmsCallOptions, KmsClient } from './client.ts';
export type { GcpKmsConfig } from './config.ts';

/**
 * Opens `gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K[/cryptoKeyVersions/V]`. Without a version
 * that is the primary one, or the latest that is enabled, looked up once, when the key is opened: `key.ref`
 * has its number, and nothing that happens to the key later changes what signs. Throws `ARGUMENT_INVALID`
 * for a configuration that cannot work.
 *
 * `@google-cloud/kms` must be installed, and is loaded by the first call. The credentials are those that it
 * finds; it repeats nothing, since `createKeys` does that within the deadline.
 *
 * Of algorithms that sign messages only (Ed25519, ML-DSA) Cloud KMS takes 1 to 65,536 bytes, of codes and
 * ciphers up to 65,536. Keys from elsewhere are not imported.
 */
export function gcpKms(config: GcpKmsConfig = {}): KeyProvider {
  const settings = readConfig(config);
  const service = serviceOf(settings);
  const publicKeys = new Map<string, PublicKey>();
  const { keyRing } = settings;

  function placeOf(ref: KeyRef, options: CallOptions): Place & Lookup {
    service.ready(options);
    const address = readAddress(ref, settings.key);
    return { address, service, publicKeys, settings, details: { provider: 'gcpkms', ref: String(ref) } };
  }

  async function opened({ details }: Place, description: Description): Promise<Key> {
    const { name, publicKey, protectionLevel } = description;
    const info = await infoOf(description);
    const held = heldKey(service, name, {
      publicKey,
      aad: utf8(settings.additionalAuthenticatedData ?? ''),
      isInHsm: protectionLevel !== 'SOFTWARE',
      details: { ...details, ref: String(info.ref) },
    });
    return keyOf(info, description, held, () => service.ready());
  }

  /** Opens a version that was just made. */
  async function openMade(place: Place & Lookup, name: string, options: CallOptions): Promise<Key> {
    return opened(place, await describeKey(place, addressOf(parseGcpResource(name)), options));
  }

  /** Describes a key that is to be changed. */
  async function own(place: Place & Lookup, options: CallOptions): Promise<Description> {
    const description = await describeKey(place, place.address, options);
    checkOwn(place, description);
    return description;
  }

  return Object.freeze({
    contract: 1,
    schemes: ['gcpkms'],
    async open(ref, options = {}) {
      const place = placeOf(ref, options);
      return opened(place, await describeKey(place, place.address, options));
    },
    async create(ref, spec, options = {}) {
      const place = placeOf(ref, options);
      return openMade(place, await makeKey(place, makingOf(spec), options), options);
    },
    ...(keyRing === undefined
      ? {}
      : {
          async *list(options: CallOptions = {}) {
            service.ready(options);
            yield* await listKeys({ service, publicKeys, details: { provider: 'gcpkms' } }, keyRing, options);
          },
        }),
    async rotate(ref, options = {}) {
      const place = placeOf(ref, options);
      return openMade(place, await rotateKey(place, await own(place, options), options), options);
    },
    async setState(ref, state, options = {}) {
      const place = placeOf(ref, options);
      await setKeyState(place, await own(place, options), state, options);
    },
    async destroy(ref, options = {}) {
      const place = placeOf(ref, options);
      await destroyKey(place, await own(place, options), options);
    },
    async check(ref, options = {}) {
      const place = placeOf(ref, options);
      await checkKey(place, await describeKey(place, place.address, options), options);
    },
    async close() {
      service.close();
    },
  } satisfies KeyProvider);
}
