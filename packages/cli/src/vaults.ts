/**
 * Vault and OpenBao as references, settings and the environment name them.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { Failure, type KeyProvider } from 'hardkey';
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

/** The server of a scheme. `listOf` is a reference whose keys are listed: those of the engine of the settings. */
export async function vaultProvider(
  scheme: VaultScheme,
  { environment }: Surroundings,
  { [scheme]: settings }: Config,
  listOf = '',
): Promise<KeyProvider> {
  const { vault } = await import('hardkey/providers/vault');
  checkMount(listOf, settings?.mount ?? 'transit');
  const said = environment.vault[scheme];
  const { ca, ...others } = settings ?? {};
  const { address = others.address, namespace = others.namespace, key } = said;
  if (address === undefined) {
    const message = 'no address of a server: VAULT_ADDR, or address in the settings';
    throw new Failure('ARGUMENT_INVALID', message, { field: 'vault.address' });
  }
  const file = said.ca ?? ca;
  return vault({
    ...others,
    scheme,
    address,
    ...credentials(said, environment.vaultToken),
    ...(namespace === undefined ? {} : { namespace }),
    ...(key === undefined ? {} : { key }),
    ...(file === undefined ? {} : { ca: textOf(await readSmall(file), 'vault.ca') }),
  });
}

/** A reference without a mount is of the engine of the settings, and so are those in a list. */
function checkMount(listOf: string, mount: string): void {
  const [, named] = /[?&]mount=([^&]*)/.exec(listOf) ?? [];
  if (named === undefined || decodeURIComponent(named) === mount) return;
  const message = `the keys of ${mount} are listed: mount in the settings names another engine`;
  throw new Failure('ARGUMENT_INVALID', message, { field: 'vault.mount' });
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
