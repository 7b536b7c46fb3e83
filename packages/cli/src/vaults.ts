/**
 * Vault and OpenBao as references, settings and the environment name them.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { Failure, type KeyProvider, parseKeyRef } from 'hardkey';
import type { VaultConfig, VaultScheme } from 'hardkey/providers/vault';
import { secretBytes, secretFile } from 'hardkey/secrets';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';
import { readSmall } from './files.ts';
import { textOf } from './input.ts';
import type { VaultEnvironment } from './vault-environment.ts';

/** What of the settings says where the server is. `ca` is a file. */
export type VaultSettings = Partial<
  Pick<VaultConfig, 'address' | 'namespace' | 'ca' | 'mount' | 'plaintext' | 'timeoutMs'>
>;

/** The server of a scheme. `listOf` is a reference to the engine whose keys are listed; without one, that of the settings. */
export async function vaultProvider(
  scheme: VaultScheme,
  { environment }: Surroundings,
  { [scheme]: settings }: Config,
  listOf = '',
): Promise<KeyProvider> {
  const { vault } = await import('hardkey/providers/vault');
  const said = environment.vault[scheme];
  const { ca, ...others } = settings ?? {};
  const { address = others.address, namespace = others.namespace, key } = said;
  if (address === undefined) {
    const message = 'no address of a server: VAULT_ADDR, or address in the settings';
    throw new Failure('ARGUMENT_INVALID', message, { field: 'vault.address' });
  }
  const file = said.ca ?? ca;
  const mount = mountOf(listOf);
  const provider = vault({
    ...others,
    ...(mount === undefined ? {} : { mount }),
    scheme,
    address,
    ...credentials(said, environment.vaultToken),
    ...(namespace === undefined ? {} : { namespace }),
    ...(key === undefined ? {} : { key }),
    ...(file === undefined ? {} : { ca: textOf(await readSmall(file), 'vault.ca') }),
  });
  return mount === undefined ? provider : namingMount(provider, mount);
}

/** A reference that names an engine, or nothing, and no key: it does not parse as one. */
const ENGINE = /^\w+:(?:\/\/)?(?:\?mount=[^&]+)?$/;

/** The mount in a reference. Throws `ARGUMENT_INVALID`. */
function mountOf(listOf: string): string | undefined {
  const ref = listOf === '' || ENGINE.test(listOf) ? listOf : String(parseKeyRef(listOf));
  return /[?&]mount=([^&]+)/.exec(ref)?.[1];
}

/** What is listed by references that name the engine, which others would look for at the usual mount. */
function namingMount(provider: KeyProvider, mount: string): KeyProvider {
  return {
    ...provider,
    async *list(options) {
      for await (const info of provider.list?.(options) ?? []) {
        yield { ...info, ref: parseKeyRef(`${info.ref}&mount=${mount}`) };
      }
    },
  };
}

/** A token before a role, and both before the file that `vault login` leaves in the home of its user. */
function credentials(
  { token, roleId, secretId }: VaultEnvironment,
  file: string,
): Pick<VaultConfig, 'appRole' | 'token'> {
  if (token !== undefined) return { token: secretOf(token) };
  if (roleId !== undefined && secretId !== undefined) {
    return { appRole: { roleId, secretId: secretOf(secretId) } };
  }
  if (roleId === undefined && existsSync(file)) return { token: secretFile(file) };
  throw new Failure(
    'ARGUMENT_INVALID',
    'nothing to log in with: VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID, or vault login',
    { field: 'vault.token' },
  );
}

function secretOf(text: string): NonNullable<VaultConfig['token']> {
  return secretBytes(new TextEncoder().encode(text));
}
