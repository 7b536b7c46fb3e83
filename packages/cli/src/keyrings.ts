/**
 * The operating system's keyring as references and settings name it.
 *
 * @module
 */
import { type KeyProvider, parseKeyRef } from 'hardkey';
import type { KeyringConfig } from 'hardkey/providers/keyring';
import type { Config } from './config.ts';

/** What of the settings says what is listed. */
export type KeyringSettings = Pick<KeyringConfig, 'services'>;

/** The keyring; the service of `listOf`, a reference, in place of those of the settings, where its keys are wanted. */
export async function keyringProvider({ keyring: settings }: Config, listOf?: string): Promise<KeyProvider> {
  const { keyring } = await import('hardkey/providers/keyring');
  return keyring(listOf === undefined ? settings : { ...settings, ...serviceOf(listOf) });
}

/** The service of a reference in its canonical form. */
function serviceOf(text: string): KeyringSettings {
  const [, service] = /^service=([^;?]*)/.exec(parseKeyRef(text).body) ?? [];
  return service === undefined ? {} : { services: [decodeURIComponent(service)] };
}
