/**
 * What the environment says of Vault and OpenBao, each by its own names and else by the other's.
 *
 * @module
 */
import type { VaultScheme } from 'hardkey/providers/vault';

/** Variables without the name of the server before them. */
const NAMES = {
  address: 'ADDR',
  token: 'TOKEN',
  roleId: 'ROLE_ID',
  secretId: 'SECRET_ID',
  namespace: 'NAMESPACE',
  ca: 'CACERT',
} as const;

/** What there is; what is empty is not there. `token` and `secretId` are secrets. */
export interface VaultEnvironment extends Partial<Readonly<Record<keyof typeof NAMES, string>>> {
  /** What a reference without a key names. */
  readonly key?: string;
  /** Whether the address is there by the server's own name. */
  readonly isNamed: boolean;
}

const PREFIXES: Readonly<Record<VaultScheme, readonly [string, string]>> = {
  hashivault: ['VAULT_', 'BAO_'],
  openbao: ['BAO_', 'VAULT_'],
};

/** Reads the variables for references of a scheme. */
export function readVaultEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  scheme: VaultScheme,
): VaultEnvironment {
  const [own, other] = PREFIXES[scheme];
  const found = Object.entries(NAMES).flatMap(([field, name]) => {
    const value = env[own + name] || env[other + name];
    return value ? [[field, value] as const] : [];
  });
  const key = env['A1_VAULT_KEY'];
  return {
    ...Object.fromEntries(found),
    ...(key ? { key } : {}),
    isNamed: Boolean(env[`${own}ADDR`]),
  };
}
