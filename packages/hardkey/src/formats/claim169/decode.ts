/**
 * From a QR text to a verified identity.
 *
 * @module
 */

import { keyIdText } from '../../core/trust/key-id.ts';
import type { Check, Trust } from '../../core/trust/trust.ts';
import type { CborEntry } from '../../encoding/cbor/index.ts';
import { Failure } from '../../errors.ts';
import { type CoseStructure, decodeCose } from '../cose/structure.ts';
import { sign1Of, verifySign1 } from '../cose/verify.ts';
import { type CwtClaims, decodeCwt } from '../cwt/claims.ts';
import { checkTimes, type TimeStatus } from '../cwt/times.ts';
import type { CompressionFormat } from './compression/types.ts';
import { decodeIdentity, type Warning } from './decode-identity.ts';
import type { Identity } from './fields.ts';
import { innerStructure, openText, type TextLimits } from './layers.ts';
import { isUri } from './meta.ts';

/** Who issued an identity, to whom and for how long. Times are Unix seconds. */
export interface Meta
  extends Pick<CwtClaims, 'issuer' | 'subject' | 'expiresAt' | 'notBefore' | 'issuedAt'> {}

/** How verification ended. Only `verified` is good. */
export type Status = 'verified' | 'unsigned' | 'expired' | 'not-yet-valid';

/** What was verified, and how. */
export interface Verification {
  readonly status: Status;
  readonly algorithm?: string;
  readonly keyId?: string;
  /** Every check that was made, the failed ones among them. */
  readonly checks: readonly Check[];
}

/** A credential that was read. */
export interface Decoded {
  readonly identity: Identity;
  readonly meta: Meta;
  readonly verification: Verification;
  readonly warnings: readonly Warning[];
  readonly compression: CompressionFormat;
  /** Whether the signature is genuine and the credential holds now. */
  isVerified(): boolean;
}

/** Options of decoding what is not encrypted. */
export interface DecodeOptions extends TextLimits {
  /** Whose signatures count. Without it, only `allowUnsigned` lets anything through. */
  readonly trust?: Trust;
  /** Also return what nobody signed, or what cannot be verified for want of trust. Default false. */
  readonly allowUnsigned?: boolean;
  /** The verifier's time. Default now. */
  readonly at?: Date;
  readonly skewSeconds?: number;
  /** Return a genuine credential that is out of its time with that status, rather than throw. */
  readonly time?: 'report';
  /** Throw `MALFORMED` where a warning would be given. Default false. */
  readonly strict?: boolean;
  /** The specification the credential follows. */
  readonly profile?: '1.2.1';
}

/** Opens an encrypted structure. Absent where nothing encrypted is read. */
export type OpenEncrypted = (cose: Uint8Array) => Promise<Uint8Array>;

/** Label of the claim that holds the identity. */
export const identityLabel = 169;

const OPTIONS: readonly string[] = [
  'trust',
  'allowUnsigned',
  'at',
  'skewSeconds',
  'time',
  'strict',
  'profile',
  'maxTextLength',
  'maxDecompressedBytes',
];

/** Decodes and verifies; `open` decrypts. The public functions of this format are this one with a key or without. */
export async function decodeText(
  text: string,
  options: DecodeOptions,
  open?: OpenEncrypted,
): Promise<Decoded> {
  checkOptions(options);
  const { at = new Date(), skewSeconds = 0 } = options;
  const { compression, cose } = await openText(text, options);
  const structure = await decrypted(cose, open);
  const signed = await openSigned(structure, options, at);
  const { claims, others } = decodeCwt(signed.payload);
  const found = decodeIdentity(identityBytes(signed.payload, others));
  const meta = metaOf(claims);
  const warnings = [...found.warnings, ...issuerWarnings(meta)];
  if (options.strict) refuseWarnings(warnings);
  const { status, checks } = checkTimes(claims, { at, skewSeconds });
  const verification = verificationOf(signed, status, checks);
  if (options.time !== 'report') throwOutOfTime(status, verification);
  return {
    identity: found.identity,
    meta,
    verification,
    warnings,
    compression,
    isVerified: () => verification.status === 'verified',
  };
}

/** The claims of a credential and what its signature says of them. */
interface Signed {
  readonly payload: Uint8Array;
  readonly checks: readonly Check[];
  /** Absent when nothing was verified. */
  readonly by?: { readonly algorithm: string; readonly keyId?: string };
}

async function decrypted(
  cose: Uint8Array,
  open: OpenEncrypted | undefined,
): Promise<CoseStructure | Uint8Array> {
  const outer = decodeCose(cose);
  if (outer.kind === 'sign1') return outer;
  if (open === undefined) {
    throw new Failure('ARGUMENT_INVALID', 'the credential is encrypted and there is no key', {
      field: 'decryptWith',
    });
  }
  const plaintext = await open(cose);
  return innerStructure(plaintext) ?? plaintext;
}

async function openSigned(
  structure: CoseStructure | Uint8Array,
  options: DecodeOptions,
  at: Date,
): Promise<Signed> {
  const unsigned = [{ name: 'signature', passed: false, detail: 'there is no signature' }];
  if (structure instanceof Uint8Array) return allowed({ payload: structure, checks: unsigned }, options);
  if (structure.kind !== 'sign1') {
    throw new Failure('MALFORMED', 'encrypted more than once', { field: 'cose' });
  }
  const sign1 = sign1Of(structure.elements);
  const { payload } = sign1;
  if (payload === undefined) throw new Failure('MALFORMED', 'the payload is detached', { field: 'cose' });
  if (sign1.signature.length === 0) return allowed({ payload, checks: unsigned }, options);
  const { trust } = options;
  if (trust === undefined) {
    return allowed(
      { payload, checks: [{ name: 'signature', passed: false, detail: 'no trust was given' }] },
      options,
    );
  }
  const { algorithm, key, keyId, checks } = await verifySign1(sign1, { trust, at });
  const name = keyId === undefined ? (key.keyId ?? key.publicKey.id) : keyIdText(keyId);
  return { payload, checks, by: { algorithm, keyId: name } };
}

function allowed(signed: Signed, { allowUnsigned }: DecodeOptions): Signed {
  if (allowUnsigned) return signed;
  throw new Failure('VERIFICATION_FAILED', 'the credential is not signed', { check: 'signature' });
}

/** The encoding of the identity, which is kept so that what is unknown in it can be kept. */
function identityBytes(payload: Uint8Array, others: readonly CborEntry[]): Uint8Array {
  const entry = others.find(({ key }) => key === identityLabel);
  if (entry === undefined) throw new Failure('MALFORMED', 'there is no claim 169', { field: 'claim169' });
  return payload.subarray(entry.start, entry.end);
}

function metaOf({ issuer, subject, expiresAt, notBefore, issuedAt }: CwtClaims): Meta {
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(subject === undefined ? {} : { subject }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(issuedAt === undefined ? {} : { issuedAt }),
  };
}

function issuerWarnings({ issuer }: Meta): Warning[] {
  if (issuer === undefined || isUri(issuer)) return [];
  return [
    { code: 'issuer-not-uri', path: 'meta.issuer', message: 'the issuer is not a URI, as 1.2.1 has it' },
  ];
}

function refuseWarnings([first]: readonly Warning[]): void {
  if (first !== undefined)
    throw new Failure('MALFORMED', first.message, { field: 'claim169', path: first.path });
}

function verificationOf(signed: Signed, time: TimeStatus, timeChecks: readonly Check[]): Verification {
  const status: Status = time !== 'valid' ? time : signed.by === undefined ? 'unsigned' : 'verified';
  return { status, ...signed.by, checks: [...signed.checks, ...timeChecks] };
}

function throwOutOfTime(time: TimeStatus, { algorithm, keyId }: Verification): void {
  const details = {
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(keyId === undefined ? {} : { keyId }),
  };
  if (time === 'expired') {
    throw new Failure('EXPIRED', 'the credential has expired', {
      ...details,
      field: 'cwt.exp',
      check: 'cwt.expires-at',
    });
  }
  if (time === 'not-yet-valid') {
    throw new Failure('NOT_YET_VALID', 'the credential is not valid yet', {
      ...details,
      field: 'cwt.nbf',
      check: 'cwt.not-before',
    });
  }
}

function checkOptions(options: DecodeOptions): void {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) throw new Failure('ARGUMENT_INVALID', 'no such option', { field: name });
  }
  if (options.trust === undefined && options.allowUnsigned !== true) {
    throw new Failure('ARGUMENT_INVALID', 'nothing is trusted and unsigned content is not allowed', {
      field: 'trust',
    });
  }
  if (options.profile !== undefined && options.profile !== '1.2.1') {
    throw new Failure('UNSUPPORTED', 'no such profile', { field: 'profile' });
  }
}
