/**
 * The dialects of Claim 169, as rows: what each reads and writes where they differ.
 *
 * @module
 */
import type { SignatureAlgorithm } from '../../core/algorithms.ts';
import { Failure } from '../../errors.ts';
import type { CompressionFormat } from './compression/types.ts';
import type { TextForm } from './fields.ts';
import { isLooseDate, textForms } from './text-forms.ts';

/**
 * Whose dialect a credential is in: the specification's, that of the `claim169` library 0.3, or what
 * the stack of MOSIP writes.
 */
export type Profile = '1.2.1' | 'claim169-0.3' | 'mosip';

/** How one dialect differs from the others. */
export interface ProfileRules {
  readonly name: Profile;
  /** How bytes are compressed that are not zlib. */
  readonly otherwise: 'brotli' | 'none';
  /** What it is compressed with when written. */
  readonly writes: readonly CompressionFormat[];
  /** Tag 61 around the COSE structure, the identity in a byte string, and perhaps all of it in hexadecimal. */
  readonly wrapped: boolean;
  /** Where the `kid` of the signature is written. */
  readonly keyId: 'protected' | 'unprotected';
  /** The issuer must be a URI when written, and is a warning when read and not one. */
  readonly issuerIsUri: boolean;
  /** The forms of text that are checked, and whether a text has one. */
  readonly forms: Readonly<Partial<Record<TextForm, (text: string) => boolean>>>;
  /** Times are whole seconds. */
  readonly wholeSeconds: boolean;
  /** Text that is read as bytes. */
  readonly textBytes: readonly ('hex' | 'base64')[];
  /** Digits in a text are read as the number. */
  readonly textNumbers: boolean;
  /** One sample is written without a list around it. */
  readonly bareSample: boolean;
  /** `photo` and `photoFormat` are a warning. */
  readonly photoIsDeprecated: boolean;
  /** The only algorithms it can be signed with, and whether encryption is COSE_Encrypt0 alone, without a `kid`. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  readonly plainEncryption: boolean;
}

type Form = keyof typeof textForms;
const FORMS = Object.fromEntries(
  Object.entries(textForms).map(([name, { holds }]) => [name as Form, holds]),
) as ProfileRules['forms'];

const PROFILES: Readonly<Record<Profile, ProfileRules>> = {
  '1.2.1': {
    name: '1.2.1',
    otherwise: 'brotli',
    writes: ['zlib', 'brotli'],
    wrapped: false,
    keyId: 'protected',
    issuerIsUri: true,
    forms: FORMS,
    wholeSeconds: false,
    textBytes: [],
    textNumbers: false,
    bareSample: false,
    photoIsDeprecated: true,
    plainEncryption: false,
  },
  'claim169-0.3': {
    name: 'claim169-0.3',
    otherwise: 'none',
    writes: ['zlib'],
    wrapped: false,
    keyId: 'protected',
    issuerIsUri: false,
    forms: { date: isLooseDate },
    wholeSeconds: true,
    textBytes: ['hex'],
    textNumbers: false,
    bareSample: false,
    photoIsDeprecated: false,
    algorithms: ['Ed25519', 'ES256'],
    plainEncryption: true,
  },
  mosip: {
    name: 'mosip',
    otherwise: 'brotli',
    // Its readers in phones have zlib only.
    writes: ['zlib'],
    wrapped: true,
    keyId: 'unprotected',
    issuerIsUri: false,
    forms: FORMS,
    wholeSeconds: true,
    textBytes: ['hex', 'base64'],
    textNumbers: true,
    bareSample: true,
    photoIsDeprecated: false,
    plainEncryption: false,
  },
};

/** Every profile, the default first. */
export const profiles: readonly Profile[] = Object.keys(PROFILES) as Profile[];

/** The rules of a profile. Throws `UNSUPPORTED`, field `profile`, for one that is not known. */
export function rulesOf(profile: Profile = '1.2.1'): ProfileRules {
  if (typeof profile === 'string' && Object.hasOwn(PROFILES, profile)) return PROFILES[profile];
  throw new Failure('UNSUPPORTED', 'no such profile', { field: 'profile' });
}

/** A credential in another dialect than the one it was read as: `actual` names the one that reads it. */
export function inAnotherProfile(field: string, read: ProfileRules, actual: Profile): Failure<'MALFORMED'> {
  const message = `the credential is in another profile: ${actual} reads it`;
  return new Failure('MALFORMED', message, { field, expected: read.name, actual });
}
