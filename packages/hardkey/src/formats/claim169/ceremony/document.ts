/**
 * A credential that waits for its signature, as a file that two people can read and compare.
 *
 * @module
 */
import { isJsonObject, type JsonObject, parseJsonObject } from '../../../core/trust/strict-json.ts';
import { Failure } from '../../../errors.ts';
import type { SignatureName } from '../callbacks/contracts.ts';
import type { Profile } from '../profile.ts';
import type { Summary } from './summary.ts';

/** The file. Bytes are in hexadecimal. */
export interface PreparedDocument {
  readonly kind: 'hardkey-claim169-prepared';
  readonly version: 1;
  readonly profile: Profile;
  readonly algorithm: SignatureName;
  /** Fingerprint of {@link publicKey}, to be compared with that of the key that will sign. */
  readonly key: string;
  /** What will be signed, in words. */
  readonly summary: Summary;
  /** Of {@link toBeSigned}: the hash, a colon, and its value. */
  readonly digest: string;
  /** The message that is signed. */
  readonly toBeSigned: string;
  /** The COSE_Sign1 without its signature, of which everything above is made. */
  readonly unsigned: string;
  /** PEM. */
  readonly publicKey: string;
}

const KIND = 'hardkey-claim169-prepared';
const VERSION = 1;

/** The document of everything but its kind and version. */
export function documentOf(parts: Omit<PreparedDocument, 'kind' | 'version'>): PreparedDocument {
  return { kind: KIND, version: VERSION, ...parts };
}

/** The members that everything else is made of, as they were read. */
export interface DocumentSource {
  readonly profile: string;
  readonly unsigned: string;
  readonly publicKey: string;
}

/**
 * Reads what a document is made of. Throws `MALFORMED`, field `prepared`, also for text in which a
 * member hides another; `UNSUPPORTED`, field `prepared.version`, for another version.
 */
export function readDocument(source: string | JsonObject): {
  readonly given: JsonObject;
  readonly source: DocumentSource;
} {
  const given = typeof source === 'string' ? parseJsonObject(source, 'prepared') : source;
  if (!isJsonObject(given) || given['kind'] !== KIND) throw differs('kind');
  if (given['version'] !== VERSION) {
    throw new Failure('UNSUPPORTED', 'another version of the file', { field: 'prepared.version' });
  }
  return {
    given,
    source: {
      profile: textOf(given, 'profile'),
      unsigned: textOf(given, 'unsigned'),
      publicKey: textOf(given, 'publicKey'),
    },
  };
}

/** Throws `MALFORMED`, naming the member, when a document that was read says something else than it should. */
export function checkDocument(given: JsonObject, right: PreparedDocument): void {
  const names = Object.keys(right) as (keyof PreparedDocument)[];
  const wrong = names.find((name) => JSON.stringify(given[name]) !== JSON.stringify(right[name]));
  if (wrong !== undefined) throw differs(wrong);
  if (Object.keys(given).length !== names.length) {
    throw new Failure('MALFORMED', 'the file has members that say nothing', { field: 'prepared' });
  }
}

function textOf(given: JsonObject, name: keyof DocumentSource): string {
  const value = given[name];
  if (typeof value === 'string') return value;
  throw differs(name);
}

function differs(name: keyof PreparedDocument): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'the file does not say what would be signed', {
    field: `prepared.${name}`,
  });
}
