/**
 * Keys in Azure Key Vault.
 *
 * @module
 */
import type { VerifyingProvider } from '../../core/at-service.ts';
import type { Key } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import type { AzureKeyName } from '../../core/refs/azure.ts';
import { invalid } from '../../errors.ts';
import { readAddress } from './address.ts';
import { makingOf } from './algorithms.ts';
import { checkKey } from './check.ts';
import { serviceOf } from './client.ts';
import { type AzureKvConfig, readConfig } from './config.ts';
import { type Description, describeKey, descriptionOf, type Lookup } from './describe.ts';
import { heldKey } from './held-key.ts';
import { infoOf, keyOf } from './key.ts';
import { addKey, destroyKey, type Place, setKeyState } from './lifecycle.ts';
import { listKeys } from './list.ts';
import { rotateKey } from './rotate.ts';
import { verifyAtService } from './verify.ts';

export type { VerifyingProvider } from '../../core/at-service.ts';
export type { CryptographyClient, KeyClient, TokenCredential } from './calls.ts';
export type { AzureKvConfig } from './config.ts';

/**
 * Opens `azurekms://VAULT_HOST/KEY` and `azurekms://VAULT_HOST/KEY/VERSION`. The version is found once, when
 * the key is opened: `key.ref` has it, and no rotation changes what signs. Throws `ARGUMENT_INVALID` for a
 * configuration that cannot work.
 *
 * `@azure/keyvault-keys` and, without a credential or a client, `@azure/identity` must be installed; they are
 * loaded by the first call. They repeat nothing, since `createKeys` does that within the deadline. Ids in
 * answers are compared with the vault, the name and the version that were asked for, and never followed.
 */
export function azureKv(config: AzureKvConfig = {}): VerifyingProvider {
  const settings = readConfig(config);
  const service = serviceOf(settings);
  const publicKeys = new Map<string, PublicKey>();

  function placeOf(ref: KeyRef, options: CallOptions): Place & Lookup & { readonly address: AzureKeyName } {
    service.ready(options);
    const address = readAddress(ref, settings);
    return { address, service, publicKeys, settings, details: { provider: 'azurekms', ref: String(ref) } };
  }

  function opened(description: Description): Key {
    const info = infoOf(description);
    const { name, publicKey, operations } = description;
    const details = { provider: 'azurekms', ref: String(info.ref) };
    const held = heldKey(service, name, { publicKey, operations, details });
    return keyOf(info, description, held, () => service.ready());
  }

  return Object.freeze({
    contract: 1,
    schemes: ['azurekms'],
    async open(ref, options = {}) {
      const place = placeOf(ref, options);
      return opened(await describeKey(place, place.address, options));
    },
    async create(ref, spec, options = {}) {
      const place = placeOf(ref, options);
      const made = await addKey(place, place.address, makingOf(spec), options);
      return opened(await descriptionOf(place, place.address, made));
    },
    async *list(options = {}) {
      service.ready(options);
      const { vaultHost } = settings;
      if (vaultHost === undefined)
        throw invalid('keys are listed of the configured vault', 'azurekms.vaultUrl');
      yield* await listKeys({ service, publicKeys, details: { provider: 'azurekms' } }, vaultHost, options);
    },
    async rotate(ref, options = {}) {
      const place = placeOf(ref, options);
      return opened(await rotateKey(place, place.address, options));
    },
    async setState(ref, state, options = {}) {
      const place = placeOf(ref, options);
      await setKeyState(place, await describeKey(place, place.address, options), state, options);
    },
    async destroy(ref, options = {}) {
      const place = placeOf(ref, options);
      await destroyKey(place, place.address, await describeKey(place, place.address, options), options);
    },
    async check(ref, options = {}) {
      const place = placeOf(ref, options);
      await checkKey(opened(await describeKey(place, place.address, options)), options);
    },
    async verifyAtService(ref, name, message, signature, options = {}) {
      const place = placeOf(ref, options);
      const description = await describeKey(place, place.address, options);
      await verifyAtService(place, description, { name, message, signature }, options);
    },
    async close() {
      service.close();
    },
  } satisfies VerifyingProvider);
}
