/**
 * `azurekms:` references: which key, of which vault, and the ids that Key Vault gives them.
 *
 * @module
 */
import { type KeyRef, keyRef } from '../../core/key-ref.ts';
import { type AzureKeyName, formatAzureKeyName, parseAzureKeyName } from '../../core/refs/azure.ts';
import { invalid } from '../../errors.ts';

/** A key with its version: one that never means another. */
export type PinnedName = Required<AzureKeyName>;

/** The domains that Azure gives vaults and managed HSMs, of its public, Chinese and American clouds. */
const DOMAINS = /\.(vault|managedhsm)\.(azure\.net|azure\.cn|usgovcloudapi\.net)$/;

/**
 * The key a reference names; with an empty body, that of the configuration. Throws `ARGUMENT_INVALID` for a
 * vault that is not the configured one, or, where none is, that is none of Azure's.
 */
export function readAddress(
  { body }: Pick<KeyRef, 'body'>,
  configured: { readonly key: AzureKeyName | undefined; readonly vaultHost: string | undefined },
): AzureKeyName {
  if (body === '')
    return (
      configured.key ??
      refuse('key', 'the reference names no key, and none is configured: the command takes A1_AZURE_KEY')
    );
  const address = parseAzureKeyName(body);
  const { vaultHost } = configured;
  if (vaultHost === undefined ? DOMAINS.test(address.vaultHost) : address.vaultHost === vaultHost)
    return address;
  if (vaultHost === undefined) refuse('vault', 'not a host that Azure gives: configure the vault to use it');
  return refuse('vault', 'the key is of another vault than the configured one');
}

/** Names a version of a key for good. */
export function pinnedRef(name: PinnedName): KeyRef {
  return keyRef('azurekms', formatAzureKeyName(name));
}

/** The id of a key, made of what we know. The one that an answer holds is compared, and never followed. */
export function keyId({ vaultHost, key, version }: AzureKeyName): string {
  return `https://${vaultHost}/keys/${key}${version === undefined ? '' : `/${version}`}`;
}

/** The version that an id names, if it is one of this key; undefined for the id of any other. */
export function versionOf(id: string, { vaultHost, key, version }: AzureKeyName): string | undefined {
  const { host, name, found } =
    /^https:\/\/(?<host>[^/]+)\/keys\/(?<name>[^/]+)\/(?<found>[0-9a-z]{1,64})$/.exec(id.toLowerCase())
      ?.groups ?? {};
  // Key Vault does not tell capital letters of hosts and names from small ones.
  const isOurs = withoutPort(host) === withoutPort(vaultHost) && name === key.toLowerCase();
  return isOurs && (version === undefined || version === found) ? found : undefined;
}

/** The name and the version in the id of a key, which is of this vault. */
export function nameIn(id: string, vaultHost: string): AzureKeyName | undefined {
  const key = /\/keys\/(?<name>[0-9A-Za-z-]{1,127})(?:\/[0-9a-z]+)?$/.exec(id)?.groups?.['name'];
  if (key === undefined || !id.toLowerCase().startsWith(`${keyId({ vaultHost, key: '' })}`)) return undefined;
  const version = versionOf(id, { vaultHost, key });
  return { vaultHost, key, ...(version === undefined ? {} : { version }) };
}

function withoutPort(host: string | undefined): string | undefined {
  return host?.replace(/:443$/, '');
}

function refuse(field: string, message: string): never {
  throw invalid(message, `azurekms.${field}`);
}
