/**
 * Keys in hardware that speaks PKCS #11: HSMs, smart cards, and what acts like them.
 *
 * @module
 */
import type { KeyProvider } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import { keyRef } from '../../core/key-ref.ts';
import { checkLimits, waitWithin } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { formatPkcs11Uri } from '../../core/refs/pkcs11.ts';
import { type Address, readAddress, readKeyAddress } from './address.ts';
import { type Client, clientOf } from './client.ts';
import { type Pkcs11Config, readConfig } from './config.ts';
import { generate } from './create.ts';
import { unavailable } from './failures.ts';
import { addKey, listKeys, openKey, type Place, removeKey } from './keys.ts';
import { loginsOf } from './login.ts';
import { type FoundToken, foundToken, readyTokens } from './tokens.ts';
import { workersOf } from './workers.ts';

export type { ModuleConfig, Pkcs11Config, TokenName } from './config.ts';
export type { FoundToken } from './tokens.ts';

/** Keys in tokens, and which tokens there are. */
export interface Pkcs11Provider extends KeyProvider {
  /** The tokens of a module, by its path. Nothing is logged in to. Throws `UNAVAILABLE` where it cannot be loaded. */
  tokens(modulePath: string, options?: CallOptions): Promise<readonly FoundToken[]>;
}

/**
 * Opens `pkcs11:token=…;object=…?module-path=…` (RFC 7512). Throws `ARGUMENT_INVALID` for a
 * configuration that cannot work.
 *
 * The module is loaded by a process of its own, which pkcs11js must be installed for. A module that
 * crashes or hangs costs that process: calls under way are `UNAVAILABLE`, and the next starts another.
 * A token that is not there is `UNAVAILABLE`. A PIN that is wrong is `DENIED`, and not tried again.
 */
export function pkcs11(config: Pkcs11Config = {}): Pkcs11Provider {
  const settings = readConfig(config);
  const workers = workersOf(settings);
  const logins = loginsOf(settings);
  const clients = new Map<string, Client>();
  let closing: Promise<void> | undefined;

  const keepingAlive =
    settings.keepAliveMs === 0 ? undefined : setInterval(keepAlive, settings.keepAliveMs / 2).unref();

  function keepAlive(): void {
    // What is lost is found again by the call that needs it, which also says why if it cannot be.
    for (const client of clients.values()) client.keepAlive(settings.keepAliveMs).catch(() => undefined);
  }

  function ready(options: CallOptions = {}): void {
    const details = { provider: 'pkcs11' };
    if (closing !== undefined) throw unavailable('the provider was closed', details);
    checkLimits(options, details);
  }

  function placeOf(address: Address, ref: KeyRef): Place {
    const details = { provider: 'pkcs11', ref: String(ref) };
    return { client: clientFor(address), address, details, ready: () => ready() };
  }

  /** References to one token share what is known of it. */
  function clientFor(address: Address): Client {
    const { object: _object, id: _id, type: _type, ...token } = address.uri;
    const key = JSON.stringify([address.workerKey, formatPkcs11Uri(token)]);
    const known = clients.get(key);
    if (known !== undefined) return known;
    const made = clientOf(address, { workers, logins });
    clients.set(key, made);
    return made;
  }

  function keyPlace(ref: KeyRef, options: CallOptions): Place {
    ready(options);
    return placeOf(readKeyAddress(settings, ref), ref);
  }

  return Object.freeze({
    contract: 1,
    schemes: ['pkcs11'],
    async open(ref, options = {}) {
      return openKey(keyPlace(ref, options), options);
    },
    async create(ref, spec, options = {}) {
      const place = keyPlace(ref, options);
      const { client, details } = place;
      return addKey(place, spec, (name) => generate(client, spec, name, options, details), options);
    },
    async import(ref, material, options = {}) {
      const place = keyPlace(ref, options);
      const { client, details } = place;
      const { importKey } = await import('./import.ts');
      return addKey(place, material, (name) => importKey(client, material, name, options, details), options);
    },
    async *list(options = {}) {
      ready(options);
      for (const uri of settings.tokens) {
        const place = placeOf(readAddress(settings, uri), keyRef('pkcs11', formatPkcs11Uri(uri)));
        yield* await listKeys(place, options);
      }
    },
    async destroy(ref, options = {}) {
      await removeKey(keyPlace(ref, options), options);
    },
    async tokens(modulePath, options = {}) {
      ready(options);
      const details = { provider: 'pkcs11', path: modulePath };
      const worker = workers.get(readAddress(settings, { modulePath }), details);
      const tokens = await waitWithin(readyTokens(worker, details), options, settings.timeoutMs, details);
      return tokens.map((token) => foundToken(settings, modulePath, token));
    },
    async close() {
      closing ??= workers.close();
      clearInterval(keepingAlive);
      await closing;
    },
  } satisfies Pkcs11Provider);
}
