/**
 * Which modules and tokens there are, and who knows the PIN; checked once, in the factory.
 *
 * @module
 */
import { isAbsolute } from 'node:path';
import { parseKeyRef } from '../../core/key-ref.ts';
import { checkFields, invalid, wholeNumber } from '../../core/policy/fields.ts';
import { type Pkcs11Uri, parsePkcs11Uri } from '../../core/refs/pkcs11.ts';
import type { Secret, SecretSource } from '../../core/secret.ts';

/** One module: the library that speaks for a kind of token. */
export interface ModuleConfig {
  /** The library, by its absolute path. */
  readonly path: string;
  /** What C_Initialize is told. NSS wants `configdir='sql:/folder' certPrefix='' keyPrefix='' secmod='secmod.db' flags=`. */
  readonly parameters?: string;
  /** The environment of its worker, in place of the common one. */
  readonly env?: Readonly<Record<string, string>>;
  /** How many sessions, and so threads, it may be used with at once, where a reference does not say. */
  readonly maxSessions?: number;
}

/** A token that wants a PIN. */
export interface TokenName {
  readonly label: string;
  readonly serial: string;
}

/** Modules, tokens and PINs. */
export interface Pkcs11Config {
  /** Modules by the name that references call them (`module-name`). */
  readonly modules?: Readonly<Record<string, ModuleConfig>>;
  /** Whether references may also name a library by its path. True unless there are `modules`. */
  readonly anyModule?: boolean;
  /**
   * Tokens, as references without an object: `pkcs11:token=prod?module-path=/usr/lib/…`. Their keys are
   * what is listed, and they complete references that name a token and no module.
   */
  readonly tokens?: readonly string[];
  /** The PIN of a token whose reference has no `pin-source`. Without it only public objects are seen. */
  readonly pin?: (token: TokenName) => Promise<Secret>;
  /** Reads what a `pin-source` with `keyring:` names: `secretKeyring` of `hardkey/providers/keyring`. */
  readonly keyring?: (entry: string) => SecretSource;
  /** The environment of the workers: these variables and no others. None by default. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sessions at once where neither the reference nor the module says. 4 by default. */
  readonly maxSessions?: number;
  /** The longest one call into a module may take, in milliseconds. 60,000 by default. */
  readonly timeoutMs?: number;
  /** How often a worker that has nothing to do asks its token whether it is still there, in milliseconds. 60,000; 0 never. */
  readonly keepAliveMs?: number;
}

/** A checked module. */
export interface ModuleSettings {
  readonly path: string;
  readonly parameters?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly maxSessions: number;
}

/** Everything checked. */
export interface Settings {
  readonly modules: ReadonlyMap<string, ModuleSettings>;
  readonly anyModule: boolean;
  readonly tokens: readonly Pkcs11Uri[];
  readonly pin?: (token: TokenName) => Promise<Secret>;
  readonly keyring?: (entry: string) => SecretSource;
  readonly env: Readonly<Record<string, string>>;
  readonly maxSessions: number;
  readonly timeoutMs: number;
  readonly keepAliveMs: number;
}

const FIELDS: Readonly<Record<keyof Pkcs11Config, true>> = {
  modules: true,
  anyModule: true,
  tokens: true,
  pin: true,
  keyring: true,
  env: true,
  maxSessions: true,
  timeoutMs: true,
  keepAliveMs: true,
};
const MODULE_FIELDS: Readonly<Record<keyof ModuleConfig, true>> = {
  path: true,
  parameters: true,
  env: true,
  maxSessions: true,
};

/** The most sessions of one worker: each has a thread and a socket. */
const MOST_SESSIONS = 256;
const USUAL_SESSIONS = 4;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Checks the configuration. Throws `ARGUMENT_INVALID` with the field, and never quotes a value. */
export function readConfig(config: Pkcs11Config): Settings {
  checkFields(config, Object.keys(FIELDS), 'pkcs11');
  const { pin, keyring, anyModule = config.modules === undefined } = config;
  for (const [name, value] of Object.entries({ pin, keyring })) {
    if (value !== undefined && typeof value !== 'function') {
      throw invalid(`pkcs11.${name}`, 'a function is needed');
    }
  }
  if (typeof anyModule !== 'boolean') throw invalid('pkcs11.anyModule', 'true or false is needed');
  const env = environment(config.env ?? {}, 'pkcs11.env');
  const maxSessions = sessions(config.maxSessions ?? USUAL_SESSIONS, 'pkcs11.maxSessions');
  const { timeoutMs = MINUTE_MS, keepAliveMs = MINUTE_MS } = config;
  return {
    modules: modulesOf(config.modules ?? {}, { env, maxSessions }),
    anyModule,
    tokens: tokensOf(config.tokens ?? []),
    env,
    maxSessions,
    timeoutMs: wholeNumber(timeoutMs, 1, HOUR_MS, 'pkcs11.timeoutMs'),
    keepAliveMs: wholeNumber(keepAliveMs, 0, HOUR_MS, 'pkcs11.keepAliveMs'),
    ...(pin === undefined ? {} : { pin }),
    ...(keyring === undefined ? {} : { keyring }),
  };
}

function modulesOf(
  modules: Readonly<Record<string, ModuleConfig>>,
  usual: Pick<Settings, 'env' | 'maxSessions'>,
): ReadonlyMap<string, ModuleSettings> {
  if (typeof modules !== 'object' || modules === null) throw invalid('pkcs11.modules', 'modules are needed');
  return new Map(
    Object.entries(modules).map(([name, module]) => {
      const field = `pkcs11.modules.${name}`;
      if (typeof module !== 'object' || module === null) throw invalid(field, 'a module is needed');
      checkFields(module, Object.keys(MODULE_FIELDS), field);
      return [name, moduleOf(module, field, usual)];
    }),
  );
}

function moduleOf(
  { path, parameters, env, maxSessions }: ModuleConfig,
  field: string,
  usual: Pick<Settings, 'env' | 'maxSessions'>,
): ModuleSettings {
  // Along a search path it would be whichever library somebody put there first.
  if (!isPlainText(path) || !isAbsolute(path)) throw invalid(`${field}.path`, 'an absolute path is needed');
  if (parameters !== undefined && !isPlainText(parameters)) {
    throw invalid(`${field}.parameters`, 'text without NUL is needed');
  }
  return {
    path,
    env: env === undefined ? usual.env : environment(env, `${field}.env`),
    maxSessions: sessions(maxSessions ?? usual.maxSessions, `${field}.maxSessions`),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

function tokensOf(tokens: readonly string[]): readonly Pkcs11Uri[] {
  if (Array.isArray(tokens) && tokens.every((one) => typeof one === 'string')) return tokens.map(tokenOf);
  throw invalid('pkcs11.tokens', 'a list of references is needed');
}

function tokenOf(text: string, at: number): Pkcs11Uri {
  const field = `pkcs11.tokens.${at}`;
  const ref = parseKeyRef(text);
  if (ref.scheme !== 'pkcs11') throw invalid(field, 'a reference with pkcs11: is needed');
  const uri = parsePkcs11Uri(ref.body);
  if (uri.object === undefined && uri.id === undefined && uri.type === undefined) return uri;
  throw invalid(field, 'this is the reference of an object, not of a token');
}

function environment(env: Readonly<Record<string, string>>, field: string): Readonly<Record<string, string>> {
  const right = ([name, value]: [string, string]): boolean =>
    isPlainText(name) && !name.includes('=') && (value === '' || isPlainText(value));
  if (Object.entries(env).every(right)) return Object.freeze({ ...env });
  throw invalid(field, 'variables are text without NUL');
}

function sessions(value: number, field: string): number {
  return wholeNumber(value, 1, MOST_SESSIONS, field);
}

/** C strings end at a NUL, so nothing that has one arrives as it was given. */
function isPlainText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}
