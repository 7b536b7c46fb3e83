/**
 * PKCS #11 tokens as the options and settings describe them.
 *
 * @module
 */
import { Failure, type KeyProvider, type SecretSource } from 'hardkey';
import type { Pkcs11Config } from 'hardkey/providers/pkcs11';
import { secretCredential, secretDescriptor, secretFile, secretPrompt } from 'hardkey/secrets';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';
import { type Given, onlyOne } from './given.ts';
import { onUse } from './on-use.ts';
import { oneLine } from './render.ts';

/** What of the settings says which tokens there are. */
export type TokenSettings = Pick<Pkcs11Config, 'modules' | 'tokens' | 'maxSessions'>;

/** The tokens; `listOf` in place of those of the settings, where the keys of one are wanted. */
export function tokenProvider(
  given: Given,
  { environment, interactive }: Surroundings,
  { pkcs11: settings = {} }: Config,
  listOf?: string,
): KeyProvider {
  const tokens = listOf?.startsWith('pkcs11:') ? [listOf] : settings.tokens;
  const lists = tokens !== undefined && tokens.length > 0;
  const pin = pinSource(given, environment.credentials, interactive);
  return onUse('pkcs11', ['create', 'import', 'destroy', ...(lists ? (['list'] as const) : [])], async () => {
    const { pkcs11 } = await import('hardkey/providers/pkcs11');
    return pkcs11({
      ...settings,
      ...(tokens === undefined ? {} : { tokens }),
      ...(pin === undefined ? {} : { pin }),
      // Whoever types a path means it.
      anyModule: true,
      env: environment.passedOn,
    });
  });
}

const OPTIONS: readonly string[] = ['pin-file', 'pin-fd', 'pin-credential'];

/** Where the PIN is, for references that do not say. Nobody is asked where nobody is. */
function pinSource(given: Given, credentials: string | undefined, interactive: boolean): Pkcs11Config['pin'] {
  onlyOne(given, OPTIONS);
  const source = givenSource(given, credentials);
  if (source !== undefined) return source;
  return interactive ? asking() : undefined;
}

function givenSource(given: Given, credentials: string | undefined): SecretSource | undefined {
  const path = given.text('pin-file');
  if (path !== undefined) return secretFile(path);
  const descriptor = given.text('pin-fd');
  if (descriptor !== undefined) return secretDescriptor(descriptorOf(descriptor));
  const name = given.text('pin-credential');
  if (name === undefined) return undefined;
  if (credentials !== undefined) return secretCredential(name, credentials);
  throw new Failure('UNAVAILABLE', 'systemd gave no credentials: $CREDENTIALS_DIRECTORY is not set', {
    field: 'pin-credential',
  });
}

function asking(): NonNullable<Pkcs11Config['pin']> {
  const asked = new Map<string, SecretSource>();
  return ({ label, serial }) => {
    const name = label === '' ? serial : label;
    const known = asked.get(serial + label) ?? secretPrompt(`PIN of the token ${oneLine(name, true)}: `);
    asked.set(serial + label, known);
    return known();
  };
}

function descriptorOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Failure('ARGUMENT_INVALID', 'not a file descriptor', { field: 'pin-fd' });
}
