/**
 * PKCS #11 tokens as the options and settings describe them.
 *
 * @module
 */
import type { KeyProvider, SecretSource } from 'hardkey';
import type { Pkcs11Config } from 'hardkey/providers/pkcs11';
import { secretPrompt } from 'hardkey/secrets';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';
import type { Environment } from './environment.ts';
import type { Given } from './given.ts';
import { onUse } from './on-use.ts';
import { pinOf } from './pin.ts';
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
  const pin = pinSource(given, environment, interactive);
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

/** Where the PIN is, for references that do not say. Nobody is asked where nobody is. */
function pinSource(given: Given, environment: Environment, interactive: boolean): Pkcs11Config['pin'] {
  return pinOf(given, environment) ?? (interactive ? asking() : undefined);
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
