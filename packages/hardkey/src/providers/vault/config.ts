/**
 * Which server, and how this client is known there; checked once, in the factory.
 *
 * @module
 */
import { checkFields, invalid, wholeNumber } from '../../core/policy/fields.ts';
import type { SecretSource } from '../../core/secret.ts';
import { isPem } from '../../encoding/pem.ts';
import { configuredBody, type VaultScheme } from './address.ts';

/** A role that programs log in with. */
export interface AppRole {
  readonly roleId: string;
  /** Asked for at each login. */
  readonly secretId: SecretSource;
  /** What `secretId` gives is a wrapping token with the secret ID in it. It opens once. */
  readonly wrapped?: boolean;
  /** Path of the auth method. `approle` by default. */
  readonly mount?: string;
}

/** Which server, and how this client is known there: by one of `token`, `wrappedToken` and `appRole`. */
export interface VaultConfig {
  /** `https://HOST:PORT`. `http:` is for this machine alone, unless `plaintext` says otherwise. */
  readonly address: string;
  /** Asked for at first, and again when the server takes the token no longer: a file may have a new one. */
  readonly token?: SecretSource;
  /** A wrapping token with the token in it. It opens once. */
  readonly wrappedToken?: SecretSource;
  readonly appRole?: AppRole;
  /** Where the engine is, on servers that have namespaces. */
  readonly namespace?: string;
  /** Certificates that the server's is checked against, PEM, instead of those of Node.js. */
  readonly ca?: string;
  /** Sends tokens without TLS to another machine. False by default. */
  readonly plaintext?: boolean;
  /** `hashivault` by default: the scheme of the references that this server's keys have. */
  readonly scheme?: VaultScheme;
  /** Path of the engine that references without one mean. `transit` by default. */
  readonly mount?: string;
  /** The key that an empty reference means: its name, or a whole reference. */
  readonly key?: string;
  /** The longest one answer may take, in milliseconds. 10,000 by default. */
  readonly timeoutMs?: number;
}

/** A checked configuration. */
export interface Settings extends Omit<VaultConfig, 'address'> {
  readonly url: URL;
  readonly scheme: VaultScheme;
  readonly mount: string;
  readonly timeoutMs: number;
}

const FIELDS: Readonly<Record<keyof VaultConfig, true>> = {
  address: true,
  token: true,
  wrappedToken: true,
  appRole: true,
  namespace: true,
  ca: true,
  plaintext: true,
  scheme: true,
  mount: true,
  key: true,
  timeoutMs: true,
};

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const TIMEOUT_MS = { usual: 10_000, most: 600_000 };

/** Checks the configuration. Throws `ARGUMENT_INVALID` with the field. */
export function readConfig(config: VaultConfig): Settings {
  checkFields(config, Object.keys(FIELDS), 'vault');
  const { address, scheme = 'hashivault', mount = 'transit', timeoutMs = TIMEOUT_MS.usual, ...rest } = config;
  const { plaintext = false } = rest;
  if (scheme !== 'hashivault' && scheme !== 'openbao') {
    throw invalid('vault.scheme', 'the scheme is hashivault or openbao');
  }
  if (!isPath(mount)) throw invalid('vault.mount', 'a mount is a path of names');
  if (rest.namespace !== undefined && !isPath(rest.namespace)) {
    throw invalid('vault.namespace', 'a namespace is a path of names');
  }
  if (rest.ca !== undefined && !(typeof rest.ca === 'string' && isPem(rest.ca))) {
    throw invalid('vault.ca', 'certificates are PEM text');
  }
  if (typeof plaintext !== 'boolean') throw invalid('vault.plaintext', 'true or false is needed');
  if (rest.key !== undefined) configuredBody(rest.key, scheme);
  checkCredentials(rest);
  return {
    ...rest,
    url: urlOf(address, plaintext),
    scheme,
    // The server lists mounts with a slash at their end.
    mount: mount.replace(/\/$/, ''),
    timeoutMs: wholeNumber(timeoutMs, 1, TIMEOUT_MS.most, 'vault.timeoutMs'),
  };
}

function urlOf(address: string, plaintext: boolean): URL {
  const url = URL.parse(String(address));
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw invalid('vault.address', 'an address of the form https://host:port is needed');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalid('vault.address', 'an address has no credentials, query or fragment');
  }
  if (url.protocol === 'http:' && !plaintext && !LOOPBACK.has(url.hostname)) {
    throw invalid('vault.address', 'tokens go over TLS: https, except to this machine');
  }
  return url;
}

/** Names joined by slashes, none of which would step out of the path in a URL. */
function isPath(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  return /^[\w.-]+(\/[\w.-]+)*\/?$/.test(text) && !text.split('/').some((part) => /^\.+$/.test(part));
}

function checkCredentials({ token, wrappedToken, appRole }: Partial<VaultConfig>): void {
  const given = [token, wrappedToken, appRole].filter((one) => one !== undefined);
  if (given.length !== 1) throw invalid('vault.token', 'one of token, wrappedToken and appRole is needed');
  for (const [field, source] of Object.entries({ token, wrappedToken })) {
    if (source !== undefined && typeof source !== 'function')
      throw invalid(`vault.${field}`, 'a function is needed');
  }
  if (appRole === undefined) return;
  checkFields(appRole, ['roleId', 'secretId', 'wrapped', 'mount'], 'vault.appRole');
  if (typeof appRole.roleId !== 'string' || appRole.roleId === '') {
    throw invalid('vault.appRole.roleId', 'text is needed');
  }
  if (typeof appRole.secretId !== 'function') throw invalid('vault.appRole.secretId', 'a function is needed');
  if (typeof (appRole.wrapped ?? false) !== 'boolean') {
    throw invalid('vault.appRole.wrapped', 'true or false is needed');
  }
  if (!isPath(appRole.mount ?? 'approle')) throw invalid('vault.appRole.mount', 'a mount is a path of names');
}
