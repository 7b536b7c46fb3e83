// The emulator of Azure Key Vault, started once for a file of tests, and who may do what in it.
import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { ClientSecretCredential } from '@azure/identity';
import { type AzureKeyVault, startAzureKeyVault } from '@hardkey/emulators';
import { type AzureKvConfig, azureKv } from 'hardkey/providers/azure-kv';
import { localCertificate } from './certificates.ts';
import type { DoorTls } from './http-door.ts';

let running: Promise<AzureKeyVault> | undefined;

after(async () => {
  await (await running)?.close();
});

/** The emulator. */
export function emulator(): Promise<AzureKeyVault> {
  running ??= startAzureKeyVault();
  return running;
}

/** Gives this process the credentials of the emulator, and nothing else of Azure. */
export function useAzureEnvironment({ tenantId, clientId, clientSecret }: AzureKeyVault): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AZURE_')) delete process.env[name];
  const credentials = {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
  };
  Object.assign(process.env, credentials);
}

/** The configuration that leads to the emulator, with the credentials of the environment. */
export async function azureConfig(): Promise<
  Required<Pick<AzureKvConfig, 'vaultUrl' | 'authorityHost' | 'ca'>>
> {
  const { vaultUrl, authorityHost, ca } = await emulator();
  return { vaultUrl, authorityHost, ca };
}

/** A provider whose credential is that of an application, or one with another secret. */
export async function asApplication(
  application: { readonly id: string; readonly secret: string },
  config: AzureKvConfig = {},
): Promise<ReturnType<typeof azureKv>> {
  const { vaultUrl, authorityHost, ca, tenantId } = await emulator();
  const credential = new ClientSecretCredential(tenantId, application.id, application.secret, {
    authorityHost,
    disableInstanceDiscovery: true,
    tlsOptions: { ca },
    retryOptions: { maxRetries: 0 },
  });
  return azureKv({ vaultUrl, ca, credential, ...config });
}

/** An application of the emulator that may do these things alone. */
export async function application(
  ...roles: readonly string[]
): Promise<{ readonly id: string; readonly secret: string }> {
  const made = { id: randomUUID(), secret: `canary-${randomUUID()}`, roles };
  (await emulator()).addClient(made);
  return made;
}

let made = 0;

/** A reference to no key of a vault, another one each time. */
export function unused(vaultUrl: string): string {
  made += 1;
  return `azurekms://${new URL(vaultUrl).host}/unused-${process.pid}-${made}`;
}

/** What a door before the emulator speaks TLS with, and whom its users have to trust beside the emulator. */
export async function doorTls(): Promise<DoorTls & { readonly trust: string }> {
  const { ca } = await emulator();
  return { ...localCertificate(), ca };
}
