/**
 * From a QR text to a verified identity.
 *
 * @module
 */
import {
  anything,
  checkOptions,
  isFunction,
  isMoment,
  isPublicKey,
  isTrust,
  type TableOf,
} from '../../core/option-table.ts';
import { isFlag, isJsonObject } from '../../core/trust/strict-json.ts';
import type { Check } from '../../core/trust/trust.ts';
import { invalid } from '../../errors.ts';
import { optionsGiven } from '../cose/options.ts';
import type { X509Parameters } from '../cose/x509-read.ts';
import { type Accept, checkAccepted } from '../cwt/accepted.ts';
import type { Confirmation } from '../cwt/confirmation.ts';
import { type CwtExpectations, checkExpectations } from '../cwt/expectations.ts';
import type { CwtStatus } from '../cwt/status.ts';
import { checkTimes, type TimeStatus, timeFailure } from '../cwt/times.ts';
import { type BindingOptions, bindingOf } from './binding.ts';
import type { CompressionFormat } from './compression/types.ts';
import type { Identity } from './fields.ts';
import { decodeClaims } from './identity-claim.ts';
import { openText, type TextLimits } from './layers.ts';
import { type Meta, metaWarnings } from './meta.ts';
import { isPrivateFields, type PrivateFields, type PrivateValues } from './private-fields.ts';
import { inAnotherProfile, type Profile, rulesOf } from './profile.ts';
import { type Means, openSigned, type SignatureTrust, type Signed, type SignedBy } from './signed.ts';
import { refuseWarnings, type Warning } from './warnings.ts';

export type { Meta } from './meta.ts';

/** How verification ended. Only `verified` is good. */
export type Status = 'verified' | 'unsigned' | 'expired' | 'not-yet-valid';

/** What was verified, and how. */
export interface Verification extends Partial<SignedBy> {
  readonly status: Status;
  /** Every check that was made, the failed ones among them. */
  readonly checks: readonly Check[];
}

/** A credential that was read. */
export interface Decoded<V extends PrivateValues = PrivateValues> {
  readonly identity: Identity<V>;
  readonly meta: Meta;
  readonly verification: Verification;
  readonly warnings: readonly Warning[];
  readonly compression: CompressionFormat | 'none';
  /** The profile it was read as. */
  readonly profile: Profile;
  /** What it says of its signer's certificates. Nothing in it is trusted. */
  readonly x509?: X509Parameters;
  /** Which key its bearer must have. That the bearer has it is for the caller to see. */
  readonly confirmation?: Confirmation;
  /** Where it can be found out whether it was revoked. Nothing is fetched. */
  readonly credentialStatus?: CwtStatus;
  /** Whether the signature is genuine and the credential holds now. */
  isVerified(): boolean;
}

/**
 * Options of decoding what is not encrypted. The audience is checked only where the caller says who it
 * is: a credential is shown to whoever asks, and some issuers name one in each of theirs.
 */
export interface DecodeOptions<V extends PrivateValues = PrivateValues>
  extends TextLimits,
    SignatureTrust,
    BindingOptions,
    CwtExpectations {
  /** The verifier's time. Default now. */
  readonly at?: Date;
  readonly skewSeconds?: number;
  /** Return a genuine credential that is out of its time with that status, rather than throw. */
  readonly time?: 'report';
  /** Throw `MALFORMED` where a warning would be given. Default false. */
  readonly strict?: boolean;
  /** Whose dialect the credential is in. Default `1.2.1`. */
  readonly profile?: Profile;
  /** Names and types of private fields. */
  readonly privateFields?: PrivateFields<V>;
}

/** {@link DecodeOptions} for callers that were not compiled. */
export const decodeTable: TableOf<DecodeOptions> = {
  trust: isTrust,
  issuers: isJsonObject,
  allowUnsigned: isFlag,
  resolveX5u: isFunction,
  deterministic: isFlag,
  at: isMoment,
  skewSeconds: anything,
  time: (value) => value === 'report',
  strict: isFlag,
  profile: anything,
  privateFields: isPrivateFields,
  holder: isPublicKey,
  acceptStatus: isFunction,
  acceptCwtId: isFunction,
  audience: anything,
  issuer: anything,
  subject: anything,
  required: anything,
  maxAgeSeconds: anything,
  maxTextLength: anything,
  maxDecompressedBytes: anything,
};

/** Decodes and verifies. The public functions of this format are this one with more means or fewer. */
export async function decodeText<V extends PrivateValues>(
  text: string,
  given: DecodeOptions<V>,
  means: Means = {},
): Promise<Decoded<V>> {
  // What was asked for counts, whatever becomes of the caller's object meanwhile.
  const options = { ...optionsGiven(given) };
  checkDecoding(options, means);
  const { at = new Date(), skewSeconds = 0, deterministic, privateFields } = options;
  const rules = rulesOf(options.profile);
  const opened = openText(text, options, rules);
  // What is there at once is not waited for, here and below: a turn of the loop has a price.
  const layers = opened instanceof Promise ? await opened : opened;
  const { open, verify, several } = means;
  const opening = openSigned(layers.cose, { options, rules, at, open, verify, several });
  const signed = opening instanceof Promise ? await opening : opening;
  const { cwt, meta, found, wrapped } = decodeClaims(signed.payload, {
    rules,
    deterministic,
    privateFields,
  });
  if (rules.wrapped && !layers.wrapped && !signed.wrapped && !wrapped) {
    throw inAnotherProfile('cose', rules, '1.2.1');
  }
  const expected = checkExpectations(cwt, options, { at, skewSeconds, audience: null });
  const bound = bindingOf(cwt, options);
  const binding = bound instanceof Promise ? await bound : bound;
  const times = checkTimes(cwt.claims, { at, skewSeconds });
  const now = at.getTime() / 1000 + skewSeconds;
  const warnings = [
    ...signed.warnings,
    ...found.warnings,
    ...binding.warnings,
    ...metaWarnings(meta, rules, now),
  ];
  if (options.strict) refuseWarnings(warnings);
  const more = [...expected, ...binding.checks, ...times.checks];
  const judged = verificationOf(signed, times.status, more);
  if (options.time !== 'report') throwOutOfTime(times.status, judged);
  const { acceptCwtId } = options;
  const verification = acceptCwtId === undefined ? judged : await withId(judged, meta, acceptCwtId);
  return {
    identity: found.identity as Identity<V>,
    meta,
    verification,
    warnings,
    compression: layers.compression,
    profile: rules.name,
    ...(signed.x509 && { x509: signed.x509 }),
    ...(binding.confirmation && { confirmation: binding.confirmation }),
    ...(binding.credentialStatus && { credentialStatus: binding.credentialStatus }),
    isVerified: () => verification.status === 'verified',
  };
}

function verificationOf({ by, checks }: Signed, time: TimeStatus, more: readonly Check[]): Verification {
  const status: Status = time !== 'valid' ? time : by === undefined ? 'unsigned' : 'verified';
  return { status, ...by, checks: [...checks, ...more] };
}

/** Only what is good is worth remembering. */
async function withId(
  verification: Verification,
  { cwtId }: Meta,
  acceptCwtId: Accept<Uint8Array>,
): Promise<Verification> {
  if (verification.status !== 'verified') return verification;
  const checks = await checkAccepted('cwt.cti', cwtId, acceptCwtId);
  return { ...verification, checks: [...verification.checks, ...checks] };
}

function throwOutOfTime(time: TimeStatus, { algorithm, keyId }: Verification): void {
  const by = {
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(keyId === undefined ? {} : { keyId }),
  };
  const failure = timeFailure(time, by, 'credential');
  if (failure !== undefined) throw failure;
}

function checkDecoding(options: DecodeOptions, { verify, table = decodeTable }: Means): void {
  checkOptions(options, table);
  const { trust, issuers, allowUnsigned } = options;
  if (trust === undefined && issuers === undefined && allowUnsigned !== true && verify === undefined) {
    throw invalid('nothing is trusted and unsigned content is not allowed', 'trust');
  }
}
