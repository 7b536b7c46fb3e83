/**
 * Which vault is spoken to, as whom, and how keys are made in it; checked once, in the factory.
 *
 * @module
 */
import { parseKeyRef } from '../../core/key-ref.ts';
import { checkFields, invalid, wholeNumber } from '../../core/policy/fields.ts';
import { type AzureKeyName, checkAzureKeyName } from '../../core/refs/azure.ts';
import { isFailure } from '../../errors.ts';
import { readAddress } from './address.ts';
import type { KeyClient, TokenCredential } from './calls.ts';

/** Without any field: the vaults of Azure that references name, and the credentials that the SDK finds. */
export interface AzureKvConfig {
  /** The one vault whose keys are used, such as `https://example.vault.azure.net`. Default: those of references. */
  readonly vaultUrl?: string;
  /** A `KeyClient` of the SDK, or what has the same methods, in place of those that are made here. */
  readonly client?: KeyClient;
  /** A credential of `@azure/identity`, or what has its `getToken`. Default: its `DefaultAzureCredential`. */
  readonly credential?: TokenCredential;
  /** URL of the service that gives tokens. Default: as the SDK finds it. */
  readonly authorityHost?: string;
  /** Certificates (PEM) that are trusted in place of those of Node.js. */
  readonly ca?: string;
  /** What `azurekms:` without a name stands for: `NAME`, `NAME/VERSION`, the key's URL or a whole reference. */
  readonly key?: string;
  /** Keys are made in the hardware of a Premium vault. False by default. */
  readonly hardware?: boolean;
  /** Tags of keys that are made here, beside our own. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Keys that were not made here may be disabled, rotated and deleted. False by default. */
  readonly allowForeign?: boolean;
  /** The longest one answer may take, in milliseconds. 10,000 by default. */
  readonly timeoutMs?: number;
}

/** What was checked. */
export interface Settings {
  readonly vaultHost: string | undefined;
  readonly client: KeyClient | undefined;
  readonly credential: TokenCredential | undefined;
  readonly authorityHost: string | undefined;
  readonly ca: string | undefined;
  readonly key: AzureKeyName | undefined;
  readonly hardware: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly allowForeign: boolean;
  readonly timeoutMs: number;
}

const FIELDS: Readonly<Record<keyof AzureKvConfig, true>> = {
  vaultUrl: true,
  client: true,
  credential: true,
  authorityHost: true,
  ca: true,
  key: true,
  hardware: true,
  tags: true,
  allowForeign: true,
  timeoutMs: true,
};

/** Methods that a client must have. */
const METHODS = [
  'getKey',
  'createKey',
  'updateKeyProperties',
  'rotateKey',
  'beginDeleteKey',
  'listPropertiesOfKeys',
  'listPropertiesOfKeyVersions',
  'getCryptographyClient',
] as const satisfies readonly (keyof KeyClient)[];

const TIMEOUT_MS = { usual: 10_000, most: 600_000 };
// Key Vault takes 15 tags, of which two are ours.
const TAGS = { most: 13, longest: 256 };

/** Checks the configuration. Throws `ARGUMENT_INVALID` with the field. */
export function readConfig(config: AzureKvConfig): Settings {
  checkFields(config, Object.keys(FIELDS), 'azurekms');
  const { client, credential, ca } = config;
  if (client !== undefined) checkClient(client, config);
  if (credential !== undefined && !has(credential, ['getToken'])) {
    throw invalid('azurekms.credential', 'an object with the method getToken is needed');
  }
  if (ca !== undefined && (typeof ca !== 'string' || !ca.includes('-----BEGIN CERTIFICATE-----'))) {
    throw invalid('azurekms.ca', 'certificates in PEM are needed');
  }
  const vaultHost = hostOf(client?.vaultUrl ?? config.vaultUrl, 'azurekms.vaultUrl');
  hostOf(config.authorityHost, 'azurekms.authorityHost');
  return {
    vaultHost,
    client,
    credential,
    authorityHost: config.authorityHost,
    ca,
    key: config.key === undefined ? undefined : keyOf(config.key, vaultHost),
    hardware: truth(config.hardware, 'azurekms.hardware'),
    tags: tagsOf(config.tags),
    allowForeign: truth(config.allowForeign, 'azurekms.allowForeign'),
    timeoutMs: wholeNumber(config.timeoutMs ?? TIMEOUT_MS.usual, 1, TIMEOUT_MS.most, 'azurekms.timeoutMs'),
  };
}

function checkClient(client: KeyClient, config: AzureKvConfig): void {
  if (!has(client, METHODS))
    throw invalid('azurekms.client', `an object with ${METHODS.join(', ')} is needed`);
  for (const field of ['vaultUrl', 'credential', 'authorityHost', 'ca'] as const) {
    if (config[field] !== undefined) throw invalid(`azurekms.${field}`, 'the client has its own already');
  }
}

function has(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return methods.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function');
}

/** The host of a URL of TLS, with its port. Credentials are sent there. */
function hostOf(url: string | undefined, field: string): string | undefined {
  if (url === undefined) return undefined;
  const host =
    typeof url === 'string' ? /^https:\/\/(?<host>[^/?#@\s]+)\/?$/.exec(url)?.groups?.['host'] : undefined;
  if (host !== undefined && URL.canParse(url)) return new URL(url).host;
  throw invalid(field, 'a URL such as https://host is needed');
}

function keyOf(text: string, vaultHost: string | undefined): AzureKeyName {
  const field = 'azurekms.key';
  if (String(text).startsWith('azurekms:'))
    return readAddress(parseKeyRef(text), { key: undefined, vaultHost });
  const {
    url,
    key = '',
    version,
  } = /^(?<url>https:\/\/[^/]+\/keys\/)?(?<key>[^/]+)(\/(?<version>[^/]+))?$/.exec(String(text))?.groups ??
  {};
  const host = url === undefined ? vaultHost : hostOf(url.slice(0, -'/keys/'.length), field);
  if (host === undefined) throw invalid(field, 'the vault of the key is not known: configure vaultUrl');
  if (host !== (vaultHost ?? host))
    throw invalid(field, 'the key is of another vault than the configured one');
  try {
    return checkAzureKeyName({ vaultHost: host, key, version });
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw invalid(field, 'not NAME, NAME/VERSION, the URL of a key of Key Vault or a reference');
  }
}

function truth(value: boolean | undefined, field: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw invalid(field, 'true or false is needed');
}

function tagsOf(tags: AzureKvConfig['tags'] = {}): Readonly<Record<string, string>> {
  const entries = typeof tags === 'object' && tags !== null ? Object.entries(tags) : [['', '']];
  const isTaken = entries.every(
    ([name, value]) =>
      typeof value === 'string' &&
      name !== undefined &&
      name.length > 0 &&
      name.length <= TAGS.longest &&
      value.length <= TAGS.longest,
  );
  if (isTaken && entries.length <= TAGS.most) return Object.freeze({ ...tags });
  throw invalid('azurekms.tags', `at most ${TAGS.most} texts of ${TAGS.longest} characters are needed`);
}
