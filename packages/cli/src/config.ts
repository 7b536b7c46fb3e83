/**
 * Settings: a JSON file at `hardkey/config.json` in the folder of settings, or where `--config` says.
 *
 * @module
 */
import { dirname, join, resolve } from 'node:path';
import { Failure } from 'hardkey';
import type { SignerConfig } from 'hardkey/providers/exec';
import type { SshAgentConfig } from 'hardkey/providers/ssh-agent';
import type { AwsSettings } from './aws.ts';
import type { AzureSettings } from './azure.ts';
import type { Environment } from './environment.ts';
import { isFile, privateFolder, readSmall, writeWhole } from './files.ts';
import type { GcpSettings } from './gcp.ts';
import { textOf } from './input.ts';
import type { KeyringSettings } from './keyrings.ts';
import type { TokenSettings } from './tokens.ts';
import type { TpmSettings } from './tpms.ts';
import type { VaultSettings } from './vaults.ts';

/** The settings. */
export interface Config {
  /** Folder of the file store. Here and below, a relative one starts at the folder of the settings. */
  readonly store?: string;
  /** Reference of the key that is used where no `--key` is given. */
  readonly key?: string;
  /** The audit log of every command that uses keys; a relative one starts at the folder of the settings. */
  readonly audit?: string;
  /** Signer programs by name: `exec:NAME` opens one. */
  readonly exec?: Readonly<Record<string, SignerConfig>>;
  /** PKCS #11: modules, and the tokens whose keys are listed. */
  readonly pkcs11?: TokenSettings;
  /** A TPM 2.0, and the folder of its key files: the keys that are listed. */
  readonly tpm?: TpmSettings;
  /** The operating system's keyring, and the services whose keys are listed. */
  readonly keyring?: KeyringSettings;
  /** SSH agents: the one of references that name none, and those whose keys are listed. */
  readonly 'ssh-agent'?: SshAgentConfig;
  /** AWS KMS: the region and the endpoint, and how keys are made there. */
  readonly awskms?: AwsSettings;
  /** HashiCorp Vault: where the server is. */
  readonly hashivault?: VaultSettings;
  /** OpenBao: the same. */
  readonly openbao?: VaultSettings;
  /** Azure Key Vault: the vault, the service of tokens, and how keys are made there. */
  readonly azurekms?: AzureSettings;
  /** Google Cloud KMS: the key ring and the endpoint, and how keys are made there. */
  readonly gcpkms?: GcpSettings;
}

/** Settings, and the file they are of. */
export interface Settings {
  readonly config: Config;
  readonly path: string;
}

/**
 * Reads the settings. A file that was named has to be there, unless it `mayBeNew`. Unknown fields are
 * `ARGUMENT_INVALID`.
 */
export async function readSettings(
  environment: Environment,
  named?: string,
  mayBeNew = false,
): Promise<Settings> {
  const path = named ?? join(environment.configHome, 'hardkey', 'config.json');
  if ((named === undefined || mayBeNew) && !isFile(path)) return { config: {}, path };
  const config = parseConfig(textOf(await readSmall(path), 'config'), path);
  const { store, audit, tpm, hashivault, openbao } = config;
  const beside = (name: string): string => resolve(dirname(path), name);
  const paths = {
    ...(store && { store: beside(store) }),
    ...(audit && { audit: beside(audit) }),
    ...(tpm?.folder && { tpm: { ...tpm, folder: beside(tpm.folder) } }),
    ...(hashivault?.ca && { hashivault: { ...hashivault, ca: beside(hashivault.ca) } }),
    ...(openbao?.ca && { openbao: { ...openbao, ca: beside(openbao.ca) } }),
  };
  return { config: { ...config, ...paths }, path };
}

/** The backends of the settings, beside the store, by their schemes. */
export function namedBackends(config: Config): readonly string[] {
  return BACKENDS.filter((name) => config[name] !== undefined);
}

/** Writes fields into the settings, and leaves the rest of them as it is. */
export async function writeSettings(path: string, fields: Config): Promise<void> {
  const config = isFile(path) ? parseConfig(textOf(await readSmall(path), 'config'), path) : {};
  privateFolder(dirname(resolve(path)));
  const text = `${JSON.stringify({ ...config, ...fields }, null, 2)}\n`;
  await writeWhole(path, new TextEncoder().encode(text), 0o600);
}

function parseConfig(text: string, path: string): Config {
  const config = parse(text, path);
  const { store, key, audit, exec, ...rest } = config;
  const [wrong] = Object.keys(rest).filter((name) => !Object.hasOwn(BACKEND_FIELDS, name));
  if (wrong !== undefined) throw refused('no such field', wrong, path);
  for (const [name, value] of Object.entries({ store, key, audit }))
    if (value !== undefined && typeof value !== 'string') throw refused('the field is text', name, path);
  if (exec !== undefined && !isObject(exec)) throw refused('the field is an object', 'exec', path);
  for (const [name, value] of Object.entries(rest)) checkBackend(name, value, path);
  for (const [name, signer] of Object.entries(exec ?? {})) {
    if (!isObject(signer)) throw refused('the field is an object', `exec.${name}`, path);
  }
  return config as Config;
}

const BACKENDS = [
  'exec',
  'pkcs11',
  'tpm',
  'keyring',
  'ssh-agent',
  'awskms',
  'hashivault',
  'openbao',
  'azurekms',
  'gcpkms',
] as const satisfies readonly (keyof Config)[];

const VAULT_FIELDS = ['address', 'namespace', 'ca', 'mount', 'plaintext', 'timeoutMs'];

/** What the settings may say of backends that take the same everywhere. */
const BACKEND_FIELDS: Readonly<Record<string, readonly string[]>> = {
  pkcs11: ['modules', 'tokens', 'maxSessions'],
  tpm: ['device', 'folder', 'pcrs', 'sessions', 'timeoutMs'],
  keyring: ['services'],
  'ssh-agent': ['socket', 'agents', 'timeoutMs'],
  awskms: ['region', 'endpoint', 'encryptionContext', 'tags', 'deletionDays', 'timeoutMs'],
  hashivault: VAULT_FIELDS,
  openbao: VAULT_FIELDS,
  azurekms: ['vaultUrl', 'authorityHost', 'hardware', 'tags', 'timeoutMs'],
  gcpkms: [
    'keyRing',
    'endpoint',
    'transport',
    'additionalAuthenticatedData',
    'labels',
    'protectionLevel',
    'deletionDays',
    'timeoutMs',
  ],
};

/** Whether a field that a failure names is one of these, as the settings have it or as the provider does. */
export function isSetting(field = ''): boolean {
  const [backend = '', name = ''] = field.replace(/^config\./, '').split(/[.[]/);
  return BACKEND_FIELDS[backend]?.includes(name) ?? false;
}

/** What the fields hold, the provider checks, but for what is resolved here before. */
function checkBackend(backend: string, value: unknown, path: string): void {
  if (value === undefined) return;
  if (!isObject(value)) throw refused('the field is an object', backend, path);
  const [wrong] = Object.keys(value).filter((name) => !BACKEND_FIELDS[backend]?.includes(name));
  if (wrong !== undefined) throw refused('no such field', `${backend}.${wrong}`, path);
  const { folder = '' } = value;
  if (typeof folder !== 'string') throw refused('the field is text', `${backend}.folder`, path);
}

function parse(text: string, path: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own words quote the text.
  }
  if (isObject(value)) return value;
  throw new Failure('MALFORMED', 'the settings are not a JSON object', { field: 'config', path });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(message: string, field: string, path: string): Failure {
  return new Failure('ARGUMENT_INVALID', message, { field: `config.${field}`, path });
}
