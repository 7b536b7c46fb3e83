/**
 * What a signer program is and how it is spoken to; checked once, in the factory.
 *
 * @module
 */
import { isAbsolute } from 'node:path';
import {
  type AlgorithmFacts,
  algorithm,
  isSignatureAlgorithm,
  type SignatureAlgorithm,
} from '../../core/algorithms.ts';
import type { PublicKeySource } from '../../core/import-public-key.ts';
import { checkFields, invalid, wholeNumber } from '../../core/policy/fields.ts';
import { parseLabel } from '../../core/refs/labels.ts';
import { Failure } from '../../errors.ts';

/** What every signer program has, in both modes. */
export interface ProgramConfig {
  /** The program by its absolute path, and its arguments. No shell reads them. */
  readonly command: readonly string[];
  readonly algorithm: SignatureAlgorithm;
  /** The key that signatures must be of. Pinned: the program has no say in it. */
  readonly publicKey: PublicKeySource;
  /** The environment of the program: these variables and no others. None by default. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program's working folder, an absolute path. `/` by default. */
  readonly cwd?: string;
  /** The longest one signature may take, in milliseconds. 5,000 by default. */
  readonly timeoutMs?: number;
  /** How many processes may be there at once, 1 by default. Many tokens take no more. */
  readonly workers?: number;
}

/** A program that is run for each signature: the message on its stdin, the signature on its stdout. */
export interface OnceConfig extends ProgramConfig {
  readonly mode: 'once';
  readonly stdin: 'raw' | 'base64';
  /** Ends the base64 on stdin with a line feed, as LAP's gateway does. False by default. */
  readonly lineFeed?: boolean;
  /** How the signature is written. `raw` is r‖s for ECDSA, `der` its DER (RFC 3279 §2.2.3), as OpenSSL writes. */
  readonly output: 'base64' | 'hex' | 'raw' | 'der';
}

/** A program that stays, and answers requests in frames on its stdin and stdout. */
export interface PersistentConfig extends ProgramConfig {
  readonly mode: 'persistent';
  /** The name that the program gives the key; the name of the signer by default. */
  readonly key?: string;
}

/** One signer program. */
export type SignerConfig = OnceConfig | PersistentConfig;

/** The signer programs, and who hears their complaints. */
export interface ExecConfig {
  /** By name: the label of `exec:NAME`. */
  readonly signers: Readonly<Record<string, SignerConfig>>;
  /**
   * Is given what programs write on stderr, the first 16 KiB of each process. It may hold secrets, so
   * it is in no failure; without this function it is thrown away.
   */
  readonly onStderr?: (signer: string, bytes: Uint8Array) => void;
}

/** What both modes have when everything was checked. */
export interface Settings {
  readonly name: string;
  readonly command: readonly [path: string, ...args: readonly string[]];
  readonly facts: AlgorithmFacts;
  readonly publicKey: PublicKeySource;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly workers: number;
  readonly onStderr?: (bytes: Uint8Array) => void;
}

/** A checked program that is run for each signature. */
export interface OnceSettings
  extends Settings,
    Required<Pick<OnceConfig, 'mode' | 'stdin' | 'output' | 'lineFeed'>> {}

/** A checked program that stays. */
export interface PersistentSettings extends Settings, Required<Pick<PersistentConfig, 'mode' | 'key'>> {}

const COMMON = ['mode', 'command', 'algorithm', 'publicKey', 'env', 'cwd', 'timeoutMs', 'workers'];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  once: [...COMMON, 'stdin', 'lineFeed', 'output'],
  persistent: [...COMMON, 'key'],
};
const TIMEOUT_MS = { usual: 5000, most: 600_000 };
const MOST_WORKERS = 256;

/** Checks the configuration. Throws `ARGUMENT_INVALID` with the field, and never quotes a value. */
export function readConfig(config: ExecConfig): readonly (OnceSettings | PersistentSettings)[] {
  checkFields(config, ['signers', 'onStderr'], 'exec');
  const { signers, onStderr } = config;
  if (typeof signers !== 'object' || signers === null) throw invalid('exec.signers', 'signers are needed');
  if (onStderr !== undefined && typeof onStderr !== 'function') {
    throw invalid('exec.onStderr', 'a function is needed');
  }
  return Object.entries(signers).map(([name, signer]) => {
    const own = onStderr === undefined ? {} : { onStderr: (bytes: Uint8Array) => onStderr(name, bytes) };
    return readSigner(parseLabel('exec', name), signer, own);
  });
}

function readSigner(
  name: string,
  signer: SignerConfig,
  own: Pick<Settings, 'onStderr'>,
): OnceSettings | PersistentSettings {
  const path = `exec.signers.${name}`;
  const known = FIELDS[signer.mode];
  if (known === undefined) throw invalid(`${path}.mode`, 'the mode is once or persistent');
  checkFields(signer, known, path);
  const settings: Settings = {
    ...own,
    name,
    command: command(signer.command, path),
    facts: signatureFacts(signer.algorithm, path),
    publicKey: needed(signer.publicKey, `${path}.publicKey`),
    env: environment(signer.env ?? {}, path),
    cwd: absolute(signer.cwd ?? '/', `${path}.cwd`),
    timeoutMs: wholeNumber(signer.timeoutMs ?? TIMEOUT_MS.usual, 1, TIMEOUT_MS.most, `${path}.timeoutMs`),
    workers: wholeNumber(signer.workers ?? 1, 1, MOST_WORKERS, `${path}.workers`),
  };
  return signer.mode === 'once' ? once(settings, signer, path) : persistent(settings, signer, path);
}

function once(
  settings: Settings,
  { stdin, output, lineFeed = false }: OnceConfig,
  path: string,
): OnceSettings {
  oneOf(stdin, ['raw', 'base64'], `${path}.stdin`);
  oneOf(output, ['base64', 'hex', 'raw', 'der'], `${path}.output`);
  oneOf(lineFeed, stdin === 'raw' ? [false] : [true, false], `${path}.lineFeed`);
  if (output === 'der' && settings.facts.keyType !== 'EC') {
    throw invalid(`${path}.output`, 'only signatures of ECDSA have a DER form');
  }
  return { ...settings, mode: 'once', stdin, output, lineFeed };
}

function persistent(settings: Settings, { key }: PersistentConfig, path: string): PersistentSettings {
  if (key !== undefined && (typeof key !== 'string' || key === '')) {
    throw invalid(`${path}.key`, 'the name of a key is needed');
  }
  return { ...settings, mode: 'persistent', key: key ?? settings.name };
}

function command(value: readonly string[], path: string): Settings['command'] {
  const field = `${path}.command`;
  if (!Array.isArray(value) || !value.every(isPlainText)) {
    throw invalid(field, 'a list of the program and its arguments is needed');
  }
  const [program = '', ...args] = value as readonly string[];
  return [absolute(program, field), ...args];
}

function absolute(path: string, field: string): string {
  if (isPlainText(path) && isAbsolute(path)) return path;
  // A search along some PATH would run whatever somebody put there first.
  throw invalid(field, 'an absolute path is needed');
}

function environment(env: Readonly<Record<string, string>>, path: string): Readonly<Record<string, string>> {
  const right = ([name, value]: [string, string]): boolean =>
    name !== '' && isPlainText(name) && !name.includes('=') && isPlainText(value);
  if (Object.entries(env).every(right)) return Object.freeze({ ...env });
  throw invalid(`${path}.env`, 'variables are text without NUL');
}

function signatureFacts(name: string, path: string): AlgorithmFacts {
  if (isSignatureAlgorithm(name)) return algorithm(name);
  throw new Failure('ARGUMENT_INVALID', 'an algorithm that signs is needed', { field: `${path}.algorithm` });
}

/** C strings end at a NUL, so nothing that has one arrives as it was given. */
function isPlainText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

function needed<T>(value: T | undefined, field: string): T {
  if (value !== undefined && value !== null) return value;
  throw invalid(field, 'the public key is needed');
}

function oneOf<T>(value: T, allowed: readonly T[], field: string): void {
  if (!allowed.includes(value)) throw invalid(field, 'not one of the values there are');
}
