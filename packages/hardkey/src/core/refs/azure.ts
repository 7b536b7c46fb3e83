/**
 * `azurekms:` references in sigstore's form: `azurekms://VAULT_HOST/KEY[/VERSION]`.
 *
 * @module
 */
import { readAttributes } from './attributes.ts';
import { parseHost } from './hosts.ts';
import { present, refuse } from './refuse.ts';

/** A key of Azure Key Vault. */
export interface AzureKeyName {
  /** `host` or `host:port` of the vault, such as `example.vault.azure.net`. */
  readonly vaultHost: string;
  readonly key: string;
  /** Absent: whatever the vault calls current. */
  readonly version?: string;
}

/** Parses `//VAULT_HOST/KEY[/VERSION]`. Throws `ARGUMENT_INVALID`. */
export function parseAzureKeyName(body: string): AzureKeyName {
  const { path } = readAttributes('azurekms', body, { query: [] });
  // sigstore also accepts the slash without a version behind it.
  const { host, key, version } =
    /^\/\/(?<host>[^/]+)\/(?<key>[^/]+)(\/(?<version>[^/]*))?$/.exec(path)?.groups ?? {};
  if (host === undefined || key === undefined) {
    throw refuse('azurekms', 'not of the form azurekms://vault-host/key[/version]');
  }
  return checkAzureKeyName({
    vaultHost: parseHost(host, 'azurekms.vault', 2),
    key,
    version: version === '' ? undefined : version,
  });
}

/** The name, if key and version are as Key Vault forms them. */
export function checkAzureKeyName(fields: {
  readonly vaultHost: string;
  readonly key: string;
  readonly version?: string | undefined;
}): AzureKeyName {
  const { vaultHost, key, version } = fields;
  if (!/^[0-9A-Za-z-]{1,127}$/.test(key)) {
    throw refuse('azurekms.key', 'a key of Key Vault has 1 to 127 letters, digits and hyphens');
  }
  if (version !== undefined && !/^[a-z0-9]{1,64}$/.test(version)) {
    throw refuse('azurekms.version', 'a version of Key Vault has lower-case letters and digits');
  }
  return present<AzureKeyName>({ vaultHost, key, version });
}

/** Writes what {@link parseAzureKeyName} reads. */
export function formatAzureKeyName({ vaultHost, key, version }: AzureKeyName): string {
  return version === undefined ? `//${vaultHost}/${key}` : `//${vaultHost}/${key}/${version}`;
}
