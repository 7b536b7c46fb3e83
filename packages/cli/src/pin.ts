/**
 * Where the PIN of a token, or the authorization value of a key, is: as the options say.
 *
 * @module
 */
import { Failure, type Secret, type SecretSource } from 'hardkey';
import { secretFile, secretPrompt } from 'hardkey/secrets';
import type { Surroundings } from './context.ts';
import { type Given, onlyOne } from './given.ts';
import { credentialOf, descriptorOf } from './passphrase.ts';

const OPTIONS: readonly string[] = ['pin-file', 'pin-fd', 'pin-credential', 'pin-keyring', 'pin-prompt'];

/** The source that an option names; undefined where none does, or where it is to be asked for. */
export function pinOf(given: Given, { environment, interactive }: Surroundings): SecretSource | undefined {
  onlyOne(given, OPTIONS);
  if (given.has('pin-prompt') && !interactive) {
    throw new Failure(
      'ARGUMENT_INVALID',
      'nobody can be asked here: --pin-file, --pin-fd, --pin-credential or --pin-keyring',
      { field: 'pin-prompt' },
    );
  }
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

/** Asks questions, and each about one thing once. */
export function asker(
  ask: (question: string) => SecretSource = secretPrompt,
): (about: string, question: string) => Promise<Secret> {
  const asked = new Map<string, SecretSource>();
  return (about, question) => {
    const source = asked.get(about) ?? ask(question);
    asked.set(about, source);
    return source();
  };
}
