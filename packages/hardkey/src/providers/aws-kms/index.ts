/**
 * Keys in AWS Key Management Service.
 *
 * @module
 */
import type { VerifyingProvider } from '../../core/at-service.ts';
import type { Key } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { AwsKeyName } from '../../core/refs/aws.ts';
import type { FailureDetails } from '../../errors.ts';
import { readAddress } from './address.ts';
import { makingOf } from './algorithms.ts';
import { checkKey } from './check.ts';
import { type Service, servicesOf } from './client.ts';
import { type AwsKmsConfig, readConfig } from './config.ts';
import { type Description, describeKey, type Seen, seenByEndpoint } from './describe.ts';
import { heldKey } from './held-key.ts';
import { infoOf, keyOf } from './key.ts';
import { addKey, destroyKey, newAlias, setKeyState } from './lifecycle.ts';
import { listKeys } from './list.ts';
import { rotateKey } from './rotate.ts';
import { verifyAtService } from './verify.ts';

export type { VerifyingProvider } from '../../core/at-service.ts';
export type { KmsClient } from './client.ts';
export type { AwsKmsConfig } from './config.ts';

/**
 * Opens `awskms:///alias/NAME`, `awskms:///KEY-ID` and `awskms:///arn:aws:kms:…`, of the region
 * `?region=R` names. An alias is resolved once, when the key is opened: `key.ref` has the ARN, and no alias
 * that moves changes what signs. Throws `ARGUMENT_INVALID` for a configuration that cannot work.
 *
 * `@aws-sdk/client-kms` must be installed, and is loaded by the first call. Region and credentials are
 * those that it finds; it repeats nothing, since `createKeys` does that within the deadline.
 *
 * Of algorithms that sign messages only (Ed25519, ML-DSA), and of codes, KMS takes 4,096 bytes.
 */
export function awsKms(config: AwsKmsConfig = {}): VerifyingProvider {
  const settings = readConfig(config);
  const services = servicesOf(settings);
  const seenAt = seenByEndpoint();

  interface Place {
    readonly address: AwsKeyName;
    readonly service: Service;
    readonly seen: Seen;
    readonly settings: typeof settings;
    readonly details: FailureDetails;
  }

  function placeOf(ref: KeyRef, options: CallOptions): Place {
    services.ready(options);
    const address = readAddress(ref, settings.key);
    const details = { provider: 'awskms', ref: String(ref) };
    return { address, service: services.at(address), seen: seenAt(address), settings, details };
  }

  async function opened({ address, service, details }: Place, description: Description): Promise<Key> {
    const { arn, publicKey } = description;
    const info = await infoOf(address, description);
    const { encryptionContext } = settings;
    const about = { ...details, ref: String(info.ref) };
    const held = heldKey(service, arn, { publicKey, encryptionContext, details: about });
    return keyOf(info, description, held, () => services.ready());
  }

  /** Opens a key that was just made. Its alias may not have reached every part of the service yet. */
  async function openMade(place: Place, arn: string, options: CallOptions): Promise<Key> {
    const description = await describeKey(place, { key: arn }, options);
    return opened(place, description);
  }

  return Object.freeze({
    contract: 1,
    schemes: ['awskms'],
    async open(ref, options = {}) {
      const place = placeOf(ref, options);
      return opened(place, await describeKey(place, place.address, options));
    },
    async create(ref, spec, options = {}) {
      const place = placeOf(ref, options);
      const making = makingOf(spec);
      const arn = await addKey(place, newAlias(place.address), making, async () => undefined, options);
      return openMade(place, arn, options);
    },
    async import(ref, material, options = {}) {
      const place = placeOf(ref, options);
      const { importKey } = await import('./import.ts');
      const arn = await importKey(place, newAlias(place.address), material, options);
      return openMade(place, arn, options);
    },
    async *list(options = {}) {
      services.ready(options);
      const details = { provider: 'awskms' };
      yield* await listKeys({ service: services.at({}), seen: seenAt({}), details }, options);
    },
    async rotate(ref, options = {}) {
      const place = placeOf(ref, options);
      const before = await describeKey(place, place.address, options);
      return openMade(place, await rotateKey(place, place.address, before, options), options);
    },
    async setState(ref, state, options = {}) {
      const place = placeOf(ref, options);
      const description = await describeKey(place, place.address, options);
      await setKeyState(place, description, state, options);
    },
    async destroy(ref, options = {}) {
      const place = placeOf(ref, options);
      const { arn } = await describeKey(place, place.address, options);
      await destroyKey(place, arn, options);
    },
    async check(ref, { algorithm, ...options } = {}) {
      const place = placeOf(ref, options);
      const description = await describeKey(place, place.address, options);
      const info = await infoOf(place.address, description);
      const details = { ...place.details, ref: String(info.ref) };
      await checkKey({ ...place, arn: description.arn, info, details }, algorithm, options);
    },
    async verifyAtService(ref, name, message, signature, options = {}) {
      const place = placeOf(ref, options);
      const description = await describeKey(place, place.address, options);
      await verifyAtService(place, description, { name, message, signature }, options);
    },
    async close() {
      services.close();
    },
  } satisfies VerifyingProvider);
}
