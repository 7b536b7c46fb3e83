/**
 * PKCS #11 tokens as the options and settings describe them.
 *
 * @module
 */
import type { KeyProvider } from 'hardkey';
import type { Pkcs11Config, Pkcs11Provider } from 'hardkey/providers/pkcs11';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';
import type { Given } from './given.ts';
import { asker, keyringPin, pinOf } from './pin.ts';
import { oneLine } from './render.ts';

/** What of the settings says which tokens there are. */
export type TokenSettings = Pick<Pkcs11Config, 'modules' | 'tokens' | 'maxSessions'>;

/** The tokens; `listOf` in place of those of the settings, where the keys of one are wanted. */
export async function tokenProvider(
  given: Given,
  surroundings: Surroundings,
  { pkcs11: settings }: Config,
  listOf?: string,
): Promise<KeyProvider> {
  const pin = pinSource(given, surroundings);
  return loadTokens(surroundings, {
    ...settings,
    ...(listOf === undefined ? {} : { tokens: [listOf] }),
    ...(pin === undefined ? {} : { pin }),
  });
}

/** The provider itself. */
export async function loadTokens(
  { environment }: Surroundings,
  config: Pkcs11Config = {},
): Promise<Pkcs11Provider> {
  const { pkcs11 } = await import('hardkey/providers/pkcs11');
  // Whoever types a path means it.
  return pkcs11({ ...config, keyring: keyringPin, anyModule: true, env: environment.passedOn });
}

/** Where the PIN is, for references that do not say. Nobody is asked where nobody is. */
function pinSource(given: Given, context: Surroundings): Pkcs11Config['pin'] {
  return pinOf(given, context) ?? (context.interactive ? asking() : undefined);
}

function asking(): NonNullable<Pkcs11Config['pin']> {
  const ask = asker();
  return ({ label, serial }) =>
    ask(serial + label, `PIN of the token ${oneLine(label === '' ? serial : label, true)}: `);
}
