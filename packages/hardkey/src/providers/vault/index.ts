/**
 * Keys in the Transit engine of HashiCorp Vault or OpenBao.
 *
 * @module
 */
import type { VerifyingProvider } from '../../core/at-service.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import { readAddress } from './address.ts';
import { checkKey } from './check.ts';
import { vaultClient } from './client.ts';
import { readConfig, type VaultConfig } from './config.ts';
import { createKey, destroyKey, listKeys, openKey, type Place, rotateKey, setKeyState } from './keys.ts';
import { verifyAtService } from './verify.ts';

export type { VerifyingProvider } from '../../core/at-service.ts';
export type { VaultScheme } from './address.ts';
export type { AppRole, VaultConfig } from './config.ts';

/**
 * Opens `hashivault://KEY`, with `?mount=` where the engine is at another path than the configured one,
 * `?version=` for another version than the latest, and `?context=` for a derived key; or `openbao:` the same.
 *
 * The version is pinned when a key is opened. A token that is unknown, and a policy that refuses, are both
 * `DENIED`, field `vault.token` and `vault.policy`. What is signed together in time goes to the server
 * together. Throws `ARGUMENT_INVALID` for a configuration that cannot work.
 */
export function vault(config: VaultConfig): VerifyingProvider {
  const settings = readConfig(config);
  const { scheme, mount, key } = settings;
  const client = vaultClient(settings);

  /** Does something with a key, unless the call is over. */
  async function at<T>(
    ref: KeyRef,
    options: CallOptions = {},
    work: (place: Place, options: CallOptions) => Promise<T>,
  ): Promise<T> {
    client.ready(options);
    return work({ client, scheme, address: readAddress(ref, { scheme, mount, key }) }, options);
  }

  return Object.freeze({
    contract: 1,
    schemes: [scheme],
    open: (ref, options) => at(ref, options, openKey),
    create: (ref, spec, options) => at(ref, options, (place, call) => createKey(place, spec, call)),
    import: (ref, material, options) =>
      at(ref, options, async (place, call) => {
        const { importKey } = await import('./import.ts');
        return importKey(place, material, call);
      }),
    async *list(options = {}) {
      client.ready(options);
      yield* listKeys({ client, scheme }, mount, options);
    },
    rotate: (ref, options) => at(ref, options, rotateKey),
    setState: (ref, state, options) => at(ref, options, (place, call) => setKeyState(place, state, call)),
    destroy: (ref, options) => at(ref, options, destroyKey),
    check: (ref, options) => at(ref, options, checkKey),
    verifyAtService: (ref, name, message, signature, options) =>
      at(ref, options, (place, call) => verifyAtService(place, { name, message, signature }, call)),
    async close() {
      client.close();
    },
  } satisfies VerifyingProvider);
}
