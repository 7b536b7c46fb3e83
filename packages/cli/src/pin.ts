/**
 * Where the PIN of a token, or the authorization value of a key, is: as the options say.
 *
 * @module
 */
import type { SecretSource } from 'hardkey';
import { secretFile } from 'hardkey/secrets';
import type { Environment } from './environment.ts';
import { type Given, onlyOne } from './given.ts';
import { credentialOf, descriptorOf } from './passphrase.ts';

const OPTIONS: readonly string[] = ['pin-file', 'pin-fd', 'pin-credential', 'pin-keyring'];

/** The source that an option names; undefined where none does. */
export function pinOf(given: Given, environment: Environment): SecretSource | undefined {
  onlyOne(given, OPTIONS);
  const path = given.text('pin-file');
  if (path !== undefined) return secretFile(path);
  const entry = given.text('pin-keyring');
  if (entry !== undefined) return keyringPin(entry);
  return descriptorOf(given, 'pin-fd') ?? credentialOf(given, environment, 'pin-credential');
}

/** The source that an entry of the desktop keyring is; loaded when it is asked for, as not everybody has one. */
export function keyringPin(entry: string): SecretSource {
  return async () => {
    const { secretKeyring } = await import('hardkey/providers/keyring');
    return secretKeyring(entry)();
  };
}
