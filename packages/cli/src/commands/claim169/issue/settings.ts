/**
 * What all credentials of a run have in common: plain values, the same in every thread.
 *
 * @module
 */
import type { Signer } from 'hardkey';
import { identityFromCells } from 'hardkey/formats/claim169';
import { type Given, onlyOne, required } from '../../../given.ts';
import { parseDuration } from '../../../times.ts';
import type { Picture } from '../picture.ts';
import type { Beginning } from './manifest.ts';
import type { PhotoFiles } from './photo-files.ts';

/** See above. */
export interface Settings {
  /** The options that say which keys, as they were given. */
  readonly keyOptions: Readonly<Record<string, string>>;
  readonly issuer: string;
  /** Unix seconds. */
  readonly issuedAt: number;
  readonly expiresAt?: number;
  /** The field of the identity that is also the subject. */
  readonly subjectField?: string;
  /** What becomes a file of its own. */
  readonly picture?: Picture;
  /** The names above the columns, where there are columns. */
  readonly columns?: readonly string[];
  /** Where the photos are, where records have any. */
  readonly photos?: PhotoFiles;
  /** Sign with nothing: only the size of the result is wanted. */
  readonly dryRun: boolean;
}

/** How keys are reached, and what is done with them. */
const KEY_OPTIONS = [
  'key',
  'fingerprint',
  'algorithm',
  'profile',
  'encrypt-with',
  'encrypt-to',
  'encrypt-algorithm',
  'certificate',
  'compression',
  'error-level',
  'store',
  'audit',
  'config',
  'pin-file',
  'pin-fd',
  'pin-credential',
  'pin-keyring',
  'pcrs',
];

/** Those of them that have no value, and decide what a credential says. */
const LASTING_FLAGS = ['allow-service'];
const KEY_FLAGS = [...LASTING_FLAGS, 'pin-prompt'];
/** What is kept of one that was given. */
const YES = 'yes';

/** Reads the options. Throws `ARGUMENT_INVALID`. */
export function settingsOf(
  given: Given,
  picture: Picture | undefined,
  columns: readonly string[] | undefined,
  photos: PhotoFiles | undefined,
): Settings {
  onlyOne(given, ['encrypt-with', 'encrypt-to']);
  const expiresIn = given.text('expires-in');
  const subjectField = given.text('subject-field');
  // Throws for a field that there is not.
  if (subjectField !== undefined) identityFromCells({ [subjectField]: '' });
  const issuedAt = Math.floor(Date.now() / 1000);
  return {
    keyOptions: keyOptionsOf(given),
    issuer: required(given, 'issuer'),
    issuedAt,
    ...(expiresIn === undefined ? {} : { expiresAt: issuedAt + parseDuration(expiresIn, 'expires-in') }),
    ...(subjectField === undefined ? {} : { subjectField }),
    ...(picture === undefined ? {} : { picture }),
    ...(columns === undefined ? {} : { columns }),
    ...(photos === undefined ? {} : { photos }),
    dryRun: given.has('dry-run'),
  };
}

function keyOptionsOf(given: Given): Settings['keyOptions'] {
  const texts = KEY_OPTIONS.flatMap((name) => {
    const value = given.text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const flags = KEY_FLAGS.filter((name) => given.has(name)).map((name) => [name, YES] as const);
  return Object.fromEntries([...texts, ...flags]);
}

/** The options that decide what a credential says. */
const LASTING = [
  'issuer',
  'expires-in',
  'subject-field',
  'profile',
  'certificate',
  'compression',
  'error-level',
  'photo-column',
  'photos',
  'fit-qr',
  'fit-bytes',
  'photo-format',
  'encrypt-with',
  'encrypt-to',
  'encrypt-algorithm',
];

/** What a run that is gone on with must have been begun with. */
export function beginningOf(
  given: Given,
  { key, publicKey: { fingerprint }, algorithm }: Signer,
  format: string,
  columns: readonly string[] | undefined,
): Beginning {
  const options: Record<string, string> = { algorithm, format };
  for (const name of ['photo-grey', ...LASTING_FLAGS]) if (given.has(name)) options[name] = YES;
  for (const name of LASTING) {
    const value = given.text(name);
    if (value !== undefined) options[name] = value;
  }
  return { key: String(key.ref), fingerprint, options, columns: columns ?? null };
}

/** Options that were kept, as a command has them. */
export function givenAgain(options: Settings['keyOptions']): Given {
  return {
    args: [],
    text: (name) => options[name],
    list: (name) => [options[name]].filter((value) => value !== undefined),
    has: (name) => KEY_FLAGS.includes(name) && name in options,
  };
}
