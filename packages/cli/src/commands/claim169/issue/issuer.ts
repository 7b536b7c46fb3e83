/**
 * Who signs, and how: opened once in every thread, from the same settings.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { algorithm, Failure, type Signer } from 'hardkey';
import type { AuditLog } from 'hardkey/audit';
import { type EncodeOptions, encode, type Identity, type Meta } from 'hardkey/formats/claim169';
import type { Config } from '../../../config.ts';
import type { Surroundings } from '../../../context.ts';
import { openKeys } from '../../../keys.ts';
import type { PassphraseChoice } from '../../../passphrase.ts';
import { encodingOf, mannerOf } from '../encoding.ts';
import { type FitFile, fileFitter } from './photo-files.ts';
import { givenAgain, type Settings } from './settings.ts';

/** Signs credentials. Close it. */
export interface Issuer extends AsyncDisposable {
  readonly encoding: EncodeOptions;
  /** Calls that keep everything busy that signs for the key. */
  readonly calls: number;
  /** Puts the photo of a record in, where a column names it. */
  readonly fitFile?: FitFile;
  /** Where its signatures are recorded, if they are. */
  readonly audit?: AuditLog;
  /** What stands beside an identity. Throws `ARGUMENT_INVALID` when its subject is no text. */
  metaOf(identity: Identity): Meta;
}

/** A service that is busy, or down for a moment, must not end a run of hours. */
const PATIENT = { retry: { attempts: 5, baseMs: 200, maxMs: 10_000 }, deadlineMs: 120_000 };

/**
 * Opens the keys, and makes one credential that nobody signs: what is wrong with the settings is
 * thrown here, and not for every record.
 */
export async function openIssuer(
  settings: Settings,
  surroundings: Surroundings,
  passphrase: PassphraseChoice,
  audit?: AuditLog,
): Promise<Issuer> {
  const given = givenAgain(settings.keyOptions);
  // The question for a passphrase takes as long as somebody takes to type.
  const policy = surroundings.interactive ? { retry: PATIENT.retry } : PATIENT;
  const opened = await openKeys(given, surroundings, { passphrase, policy, ...(audit && { audit }) });
  try {
    const encoding = await encodingOf(given, opened, mannerOf(given));
    checkReader(encoding);
    const probe = { ...encoding, signer: standIn(encoding.signer) };
    await encode({ id: '1' }, metaOf(settings, {}), probe);
    return {
      encoding: settings.dryRun ? probe : encoding,
      ...(settings.photos && { fitFile: await fileFitter(settings.photos, encoding) }),
      ...(opened.audit && { audit: opened.audit }),
      calls: callsFor(encoding.signer, opened.settings.config),
      metaOf: (identity) => metaOf(settings, identity),
      [Symbol.asyncDispose]: () => opened.keys.close(),
    };
  } catch (error) {
    await opened.keys.close();
    throw error;
  }
}

/** Calls that a device or a service has at the same time, as a rule. */
const USUAL_CALLS = 16;

/** With a signer program twice as many as it has processes: one waits where another is answered. */
function callsFor({ key: { ref } }: Signer, { exec }: Config): number {
  const { workers = 1 } = exec?.[String(ref).replace(/^exec:/, '')] ?? {};
  return Math.max(USUAL_CALLS, 2 * workers);
}

/** A key that encrypts a million credentials itself is used up; one that wraps content keys is not. */
function checkReader({ encryptTo: reader, profile }: EncodeOptions): void {
  // Readers of this profile know nothing else.
  if (reader === undefined || !('encrypt' in reader) || profile === 'claim169-0.3') return;
  throw new Failure(
    'UNSUPPORTED',
    'each credential gets a content key of its own: that takes a key that wraps, or a public key',
    { field: 'encrypt-with', algorithm: reader.algorithm },
  );
}

function metaOf({ issuer, issuedAt, expiresAt, subjectField }: Settings, identity: Identity): Meta {
  const subject = subjectField === undefined ? undefined : subjectOf(identity, subjectField);
  return {
    issuer,
    ...(subject === undefined ? {} : { subject }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    issuedAt,
  };
}

function subjectOf(identity: Identity, field: string): string | undefined {
  const value: unknown = Object.entries(identity).find(([name]) => name === field)?.[1];
  if (value === undefined || typeof value === 'string') return value;
  throw new Failure('ARGUMENT_INVALID', 'a subject is text', { field: `identity.${field}` });
}

/** Signatures that are none, of the right length. */
function standIn(signer: Signer): Signer {
  const length = signatureLength(signer);
  return { ...signer, sign: async () => new Uint8Array(randomBytes(length)) };
}

function signatureLength({ algorithm: name, publicKey }: Signer): number {
  const { signatureLength: fixed } = algorithm(name);
  if (fixed !== undefined) return fixed;
  // RFC 8017 §8: as long as the modulus.
  return Buffer.from(publicKey.toJwk()['n'] ?? '', 'base64url').length;
}
