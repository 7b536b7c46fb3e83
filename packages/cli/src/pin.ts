/**
 * Where the PIN of a token, or the authorization value of a key, is: as the options say.
 *
 * @module
 */
import { Failure, type SecretSource } from 'hardkey';
import { secretCredential, secretDescriptor, secretFile } from 'hardkey/secrets';
import { type Given, onlyOne } from './given.ts';

const OPTIONS: readonly string[] = ['pin-file', 'pin-fd', 'pin-credential', 'pin-keyring'];

/** The source that an option names; undefined where none does. `credentials` is the folder of systemd. */
export function pinOf(given: Given, credentials: string | undefined): SecretSource | undefined {
  onlyOne(given, OPTIONS);
  const path = given.text('pin-file');
  if (path !== undefined) return secretFile(path);
  const descriptor = given.text('pin-fd');
  if (descriptor !== undefined) return secretDescriptor(descriptorOf(descriptor));
  const entry = given.text('pin-keyring');
  if (entry !== undefined) return keyringPin(entry);
  const name = given.text('pin-credential');
  if (name === undefined) return undefined;
  if (credentials !== undefined) return secretCredential(name, credentials);
  throw new Failure('UNAVAILABLE', 'systemd gave no credentials: $CREDENTIALS_DIRECTORY is not set', {
    field: 'pin-credential',
  });
}

function descriptorOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Failure('ARGUMENT_INVALID', 'not a file descriptor', { field: 'pin-fd' });
}

/** Loaded when it is asked for: a keyring is nothing that everybody has. */
function keyringPin(entry: string): SecretSource {
  return async () => {
    const { secretKeyring } = await import('hardkey/providers/keyring');
    return secretKeyring(entry)();
  };
}
