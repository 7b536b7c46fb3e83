/**
 * Which keyring, and what of it is listed; checked once, in the factory.
 *
 * @module
 */
import { checkFields, invalid } from '../../core/policy/fields.ts';
import { checkService } from './address.ts';
import type { KeyringLibrary } from './client.ts';

/** What of the keyring is listed. */
export interface KeyringConfig {
  /** Services whose keys are listed. Default: `hardkey`. */
  readonly services?: readonly string[];
  /** Stands in for `@napi-rs/keyring`: anything that has the slice of it that is called. */
  readonly library?: KeyringLibrary;
}

/** What was checked. */
export interface Settings {
  /** The name of the keyring there is. Never Linux's kernel keyring, which forgets at the next start. */
  readonly store: string;
  readonly services: readonly string[];
  readonly library: KeyringLibrary | undefined;
}

const STORES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: 'keychain',
  win32: 'credential-manager',
};

/** Checks the configuration. Throws `ARGUMENT_INVALID` with the field. */
export function readConfig(config: KeyringConfig): Settings {
  checkFields(config, ['services', 'library'], 'keyring');
  const { services = ['hardkey'], library } = config;
  if (!Array.isArray(services) || !services.every((one) => typeof one === 'string')) {
    throw invalid('keyring.services', 'a list of names is needed');
  }
  for (const service of services as readonly string[]) checkService(service, 'keyring.services');
  return { store: STORES[process.platform] ?? 'secret-service', services, library };
}
