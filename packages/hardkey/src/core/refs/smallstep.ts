/**
 * smallstep's dialect, `scheme:name=value;name=value?name=value`, rewritten to the references used
 * here. What it says and these cannot is `UNSUPPORTED`, never dropped.
 *
 * Its `pkcs11:` form is read by the parser of `pkcs11:` itself.
 *
 * @module
 */
import { type Attributes, decoded, readAttributes } from './attributes.ts';
import { type AwsKeyName, checkAwsKeyName } from './aws.ts';
import { type AzureKeyName, checkAzureKeyName } from './azure.ts';
import type { FileRef } from './file.ts';
import { type GcpKeyName, parseGcpResource } from './gcp.ts';
import { checkOpaque } from './opaque.ts';
import { isAbsolutePath, isFilePath } from './paths.ts';
import { percentDecodeText } from './percent.ts';
import { cannotMap, refuse } from './refuse.ts';
import type { SshAgentRef } from './ssh-agent.ts';
import type { TpmRef } from './tpm.ts';

/** Reads attributes on either side of the question mark; those of `foreign` are `UNSUPPORTED`. */
function read(
  scheme: string,
  body: string,
  names: readonly string[],
  foreign: readonly string[],
): Attributes {
  const all = [...names, ...foreign];
  const attributes = readAttributes(scheme, body, { path: all, query: all, form: true });
  for (const name of foreign) {
    if (attributes.bytes(name) === undefined) continue;
    throw cannotMap(`${scheme}.${name}`, 'a reference has no place for this; configure the provider');
  }
  return attributes;
}

/** `awskms:key-id=K[;region=R]`. A `name` is what smallstep calls a key it has yet to create. */
export function smallstepAws(body: string): AwsKeyName {
  const attributes = read('awskms', body, ['key-id', 'region'], ['name', 'profile', 'credentials-file']);
  const key = attributes.text('key-id');
  if (key === undefined) throw refuse('awskms.key-id', 'the reference names no key');
  return checkAwsKeyName({ key, region: attributes.text('region') });
}

/** `cloudkms:projects/…` or `cloudkms:resource=projects/…`. */
export function smallstepGcp(body: string): GcpKeyName {
  if (body.startsWith('projects/')) return parseGcpResource(body);
  const resource = read('cloudkms', body, ['resource'], ['credentials-file']).text('resource');
  if (resource === undefined) throw refuse('cloudkms.resource', 'the reference names no key');
  return parseGcpResource(resource);
}

/** The domain of each cloud's vaults, by smallstep's names for it in upper case. The German cloud is closed. */
const AZURE_DOMAINS: ReadonlyMap<string, string> = new Map([
  ...['PUBLIC', 'AZURECLOUD', 'AZUREPUBLICCLOUD'].map((name) => [name, 'vault.azure.net'] as const),
  ...['USGOV', 'AZUREUSGOVERNMENT', 'AZUREUSGOVERNMENTCLOUD'].map(
    (name) => [name, 'vault.usgovcloudapi.net'] as const,
  ),
  ...['CHINA', 'AZURECHINACLOUD'].map((name) => [name, 'vault.azure.cn'] as const),
]);

const AZURE_FOREIGN = ['client-id', 'tenant-id', 'aad-endpoint'];

/** `azurekms:name=K;vault=V[;environment=E][?version=N]`; `hsm=true` is about creating a key. */
export function smallstepAzure(body: string): AzureKeyName {
  const names = ['name', 'vault', 'environment', 'version', 'hsm'];
  const attributes = read('azurekms', body, names, AZURE_FOREIGN);
  const key = attributes.text('name');
  const vault = attributes.text(
    'vault',
    (text) => /^[0-9A-Za-z-]{1,63}$/.test(text),
    'not the name of a vault',
  );
  const domain = AZURE_DOMAINS.get((attributes.text('environment') ?? 'public').toUpperCase());
  if (attributes.text('hsm', isBoolean, 'true or false') === 'true') {
    throw cannotMap('azurekms.hsm', 'a reference does not choose how a key is created');
  }
  if (domain === undefined)
    throw cannotMap('azurekms.environment', 'give the host: azurekms://vault-host/key');
  if (key === undefined) throw refuse('azurekms.name', 'the reference names no key');
  if (vault === undefined) throw refuse('azurekms.vault', 'the reference names no vault');
  const vaultHost = `${vault}.${domain}`.toLowerCase();
  return checkAzureKeyName({ vaultHost, key, version: attributes.text('version') });
}

function isBoolean(text: string): boolean {
  return text === 'true' || text === 'false';
}

/** smallstep's own storage, in which these are names. */
const TPM_FOREIGN = ['name', 'ak', 'attest-by', 'qualifying-data', 'storage-directory'];

/** `tpmkms:device=PATH`: the device. Names of keys in smallstep's storage mean nothing outside it. */
export function smallstepTpm(body: string): TpmRef {
  const attributes = read('tpmkms', body, ['device'], TPM_FOREIGN);
  const device = attributes.text('device', isAbsolutePath, 'the path of a device is absolute');
  return device === undefined ? {} : { device };
}

/** `sshagentkms:COMMENT`. */
export function smallstepSshAgent(body: string): SshAgentRef {
  const comment = percentDecodeText(checkOpaque(body), 'sshagentkms.comment', 0);
  return { comment };
}

/** `softkms:PATH` or `softkms:path=PATH`. */
export function smallstepFile(body: string): FileRef {
  const path = /^[a-z-]+=/.test(decoded(body))
    ? read('softkms', body, ['path'], []).text('path')
    : percentDecodeText(body, 'softkms.path', 0);
  if (path !== undefined && isFilePath(path)) return { kind: 'path', path };
  throw refuse('softkms.path', 'the path names no file');
}
