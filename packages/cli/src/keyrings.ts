/**
 * The operating system's keyring as references and settings name it.
 *
 * @module
 */
import { type KeyProvider, parseKeyRef } from 'hardkey';
import type { KeyringConfig } from 'hardkey/providers/keyring';
import type { Config } from './config.ts';
import { onUse } from './on-use.ts';

/** What of the settings says what is listed. */
export type KeyringSettings = Pick<KeyringConfig, 'services'>;

/** The keyring; its keys are listed where the settings name it, or `listOf` does in place of the settings. */
export function keyringProvider({ keyring: settings }: Config, listOf?: string): KeyProvider {
  const listed = listOf?.startsWith('keyring:') ? { ...settings, ...serviceOf(listOf) } : settings;
  const lists = listed === undefined ? [] : (['list'] as const);
  return onUse('keyring', ['create', 'import', 'destroy', ...lists], async () => {
    const { keyring } = await import('hardkey/providers/keyring');
    return keyring(listed);
  });
}

/** The service of a reference in its canonical form. */
function serviceOf(text: string): KeyringSettings {
  const [, service] = /^service=([^;?]*)/.exec(parseKeyRef(text).body) ?? [];
  return service === undefined ? {} : { services: [decodeURIComponent(service)] };
}
