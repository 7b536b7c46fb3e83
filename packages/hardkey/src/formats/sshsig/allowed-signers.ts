/**
 * Files of allowed signers (ssh-keygen(1), ALLOWED SIGNERS): who may sign with which key, what for, when.
 *
 * @module
 */
import { anything, checkOptions, isPublicKey, type TableOf } from '../../core/option-table.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { isJsonObject, isList, isText } from '../../core/trust/strict-json.ts';
import type { TrustSource } from '../../core/trust/trust.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';
import { checkNamespace } from './options.ts';
import { matchesPatterns } from './patterns.ts';
import { sshPublicKeyOf } from './public-keys.ts';

/** One line of the file. */
export interface AllowedSigner {
  /** Patterns for the names of those who have the key. */
  readonly principals: readonly string[];
  /** Patterns for what they may sign. Absent: anything. */
  readonly namespaces?: readonly string[];
  /** The first and the last moment of validity, in Unix seconds. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly publicKey: PublicKey;
}

/**
 * Reads a file. Lines for certificate authorities and for kinds of keys that are not known here are passed
 * over: nothing that this format accepts is signed by them. Throws `MALFORMED` for any other line that is
 * not understood, with its offset.
 */
export async function parseAllowedSigners(text: string): Promise<readonly AllowedSigner[]> {
  if (typeof text !== 'string') throw invalid('text is needed', 'allowedSigners');
  const signers: AllowedSigner[] = [];
  let offset = 0;
  for (const line of text.split('\n')) {
    const signer = await parseLine(line.trim(), offset);
    if (signer !== undefined) signers.push(signer);
    offset += line.length + 1;
  }
  return signers;
}

/** What a signature is held to beside the key. */
export interface SignerExpectations {
  /** What the signature is to be for. */
  readonly namespace: string;
  /** Who is to have made it; anybody in the file by default. */
  readonly identity?: string;
}

/** The keys of those who may sign so, each with its time, as sources of a trust. */
export function trustedSigners(
  signers: readonly AllowedSigner[],
  expectations: SignerExpectations,
): readonly TrustSource[] {
  checkSigners(signers);
  checkOptions(expectations, EXPECTATIONS);
  const { namespace, identity } = expectations;
  checkNamespace(namespace, 'namespace');
  return signers
    .filter(({ namespaces }) => namespaces === undefined || matchesPatterns(namespaces, namespace))
    .filter(({ principals }) => identity === undefined || matchesPatterns(principals, identity))
    .map(({ publicKey, notBefore, notAfter }) => ({
      ...publicKey.toJwk(),
      // JWK has words for the time of a key, and a trust reads them.
      ...(notBefore !== undefined && { nbf: notBefore }),
      ...(notAfter !== undefined && { exp: notAfter }),
    }));
}

const EXPECTATIONS: TableOf<SignerExpectations> = { namespace: anything, identity: isText };

function checkSigners(signers: readonly AllowedSigner[]): void {
  if (!isList(signers)) throw invalid('a list is needed', 'signers');
  for (const [index, one] of (signers as readonly unknown[]).entries()) {
    const field = `signers.${index}`;
    if (!isJsonObject(one)) throw invalid('what parseAllowedSigners reads is needed', field);
    const { principals, namespaces, publicKey } = one;
    if (!isPatterns(principals)) throw invalid('a list of patterns is needed', `${field}.principals`);
    if (namespaces !== undefined && !isPatterns(namespaces)) {
      throw invalid('a list of patterns is needed', `${field}.namespaces`);
    }
    if (!isPublicKey(publicKey)) throw invalid('a public key is needed', `${field}.publicKey`);
  }
}

/** An empty one fits nothing, and ssh-keygen(1) takes it. */
function isPatterns(value: unknown): boolean {
  return isList(value) && value.every(isText);
}

async function parseLine(line: string, offset: number): Promise<AllowedSigner | undefined> {
  if (line === '' || line.startsWith('#')) return undefined;
  const [principals = '', ...words] = wordsOf(line, offset);
  const options = OPTION.test(words[0] ?? '') ? parseOptions(words.shift() ?? '', offset) : {};
  const [name, base64] = words;
  if (principals === '' || name === undefined || base64 === undefined) {
    throw malformed('a line is principals, options, and a key', offset);
  }
  try {
    const publicKey = await sshPublicKeyOf(name, base64);
    const { authority, ...limits } = options;
    return authority ? undefined : { principals: principals.split(','), ...limits, publicKey };
  } catch (error) {
    if (isFailure(error, 'UNSUPPORTED')) return undefined;
    if (isFailure(error, 'MALFORMED')) throw malformed('the key of the line is broken', offset);
    throw error;
  }
}

const OPTION = /^(?:cert-authority|namespaces=|valid-after=|valid-before=)/i;
const WORD = /(?:"(?:[^"\\]|\\.)*"|[^\s"])+/y;

/** Words with spaces between them; what is quoted is one word, or part of one. */
function wordsOf(line: string, offset: number): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length; ) {
    WORD.lastIndex = at;
    const [word] = WORD.exec(line) ?? [];
    if (word === undefined) throw malformed('a quotation does not end', offset);
    words.push(word.startsWith('"') ? unquoted(word) : word);
    at += word.length;
    while (at < line.length && /\s/.test(line[at] ?? '')) at++;
  }
  return words;
}

interface Options extends Pick<AllowedSigner, 'namespaces' | 'notBefore' | 'notAfter'> {
  readonly authority?: boolean;
}

function parseOptions(text: string, offset: number): Options {
  const options = text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  const seen = new Set<string>();
  return Object.assign(
    {},
    ...options.map((option) => {
      const [name = '', value] = split(option);
      if (seen.has(name)) throw malformed('an option is repeated', offset);
      seen.add(name);
      return parseOption(name, value, offset);
    }),
  ) as Options;
}

function parseOption(name: string, value: string | undefined, offset: number): Options {
  if (name === 'cert-authority' && value === undefined) return { authority: true };
  if (value === undefined || value === '') throw malformed('an option that is not known', offset);
  if (name === 'namespaces') return { namespaces: value.split(',') };
  if (name === 'valid-after') return { notBefore: timeOf(value, offset) };
  if (name === 'valid-before') return { notAfter: timeOf(value, offset) };
  throw malformed('an option that is not known', offset);
}

function split(option: string): readonly [name: string, value: string | undefined] {
  const equals = option.indexOf('=');
  if (equals === -1) return [option.toLowerCase(), undefined];
  return [option.slice(0, equals).toLowerCase(), unquoted(option.slice(equals + 1))];
}

function unquoted(word: string): string {
  return word.startsWith('"') && word.endsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word;
}

const TIME = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/;

/** `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, by the clock of this place unless a `Z` is behind it. */
function timeOf(text: string, offset: number): number {
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone] = TIME.exec(text) ?? [];
  if (year === undefined) throw malformed('a time is YYYYMMDD[HHMM[SS]][Z]', offset);
  const numbers = [year, Number(month) - 1, day, hour, minute, second].map(Number) as Numbers;
  const time = zone === 'Z' ? new Date(Date.UTC(...numbers)) : new Date(...numbers);
  const [, , date] = numbers;
  // A 31st of February would be some day in March.
  const right = (zone === 'Z' ? time.getUTCDate() : time.getDate()) === date && !Number.isNaN(time.getTime());
  if (right) return time.getTime() / 1000;
  throw malformed('there is no such time', offset);
}

type Numbers = [year: number, month: number, day: number, hour: number, minute: number, second: number];

function malformed(message: string, offset: number): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: 'allowedSigners', offset });
}
