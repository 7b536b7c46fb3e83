/**
 * Azure Key Vault as references, settings and the environment name it. Credentials the SDK finds for itself.
 *
 * @module
 */
import { Failure, type KeyProvider, parseKeyRef } from 'hardkey';
import type { AzureKvConfig } from 'hardkey/providers/azure-kv';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';

/** What of the settings says which vault it is, and how keys are made there. */
export type AzureSettings = Pick<
  AzureKvConfig,
  'vaultUrl' | 'authorityHost' | 'hardware' | 'tags' | 'timeoutMs'
>;

/** What the provider is made of, beside the settings. */
export interface AzureOptions {
  /** Keys that were not made here may be changed and deleted. */
  readonly force?: boolean;
}

/** The service. Throws `ARGUMENT_INVALID` where `listOf` is of another vault than the one that is configured. */
export async function azureProvider(
  { environment }: Surroundings,
  { azurekms: settings }: Config,
  { force = false }: AzureOptions,
  listOf = 'azurekms:',
): Promise<KeyProvider> {
  const { azureKv } = await import('hardkey/providers/azure-kv');
  const config = { ...settings, ...environment.azure };
  // That of a vault alone does not parse as a reference, and others come in more than one form.
  const place = listOf.startsWith('azurekms://') ? listOf : String(parseKeyRef(listOf));
  const [, host] = /^azurekms:\/\/([^/]+)/.exec(place) ?? [];
  if (host !== undefined && host.toLowerCase() !== hostOf(config.vaultUrl)) {
    const message = 'keys are listed of the configured vault: AZURE_KEYVAULT_URL, or the settings, name it';
    throw new Failure('ARGUMENT_INVALID', message, { field: 'azurekms.vault' });
  }
  return azureKv({ ...config, allowForeign: force });
}

/** The reference of a new key of the vault that the environment or the settings name. */
export function newAzureRef(
  label: string,
  { azurekms: settings }: Config,
  { environment }: Surroundings,
): string {
  // Keys - Create Key: letters, digits and hyphens.
  if (!/^[0-9A-Za-z-]+$/.test(label)) {
    throw new Failure('ARGUMENT_INVALID', 'a key of Key Vault is named by letters, digits and hyphens', {
      field: 'label',
    });
  }
  const host = hostOf(environment.azure.vaultUrl ?? settings?.vaultUrl);
  if (host !== undefined) return `azurekms://${host}/${label}`;
  throw new Failure('ARGUMENT_INVALID', 'no vault is configured: AZURE_KEYVAULT_URL, or --ref, names one', {
    field: 'config.azurekms.vaultUrl',
  });
}

function hostOf(url = ''): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

/** What the settings have to say of the vault that the environment names. */
export function azureSettings({ environment }: Pick<Surroundings, 'environment'>): AzureSettings {
  const { vaultUrl } = environment.azure;
  return vaultUrl === undefined ? {} : { vaultUrl };
}
