/**
 * From a COSE structure to claims that somebody trusted signed.
 *
 * @module
 */
import { following, type Soon } from '../../core/crypto/types.ts';
import type { OptionTable } from '../../core/option-table.ts';
import { STAND_IN } from '../../core/stand-in.ts';
import { keyIdText } from '../../core/trust/key-id.ts';
import type { Check, Trust } from '../../core/trust/trust.ts';
import { Failure } from '../../errors.ts';
import { type Headers, headerLabel } from '../cose/headers.ts';
import { type CoseStructure, decodeCose } from '../cose/structure.ts';
import { partsOf, type Sign1, sign1Of } from '../cose/verify.ts';
import { type OpenedSignature, type VerifyOptions, verifySignature } from '../cose/verify-signature.ts';
import { type CertificateResolver, hasX509, type X509Parameters, x509Parameters } from '../cose/x509-read.ts';
import { decodeCwt } from '../cwt/claims.ts';
import { withoutCwtTag } from './layers.ts';
import type { ProfileRules } from './profile.ts';
import { uncovered, type Warning } from './warnings.ts';

/** Whose signatures count. */
export interface SignatureTrust {
  /** Whose signatures count. Without it and `issuers`, only `allowUnsigned` lets anything through. */
  readonly trust?: Trust;
  /**
   * Whose signatures count for one issuer, by the issuer's name in the credential. They count for it in
   * place of `trust`, which is left to the issuers that are not named here.
   */
  readonly issuers?: Readonly<Record<string, Trust>>;
  /** Also return what nobody signed, or what cannot be verified for want of trust. Default false. */
  readonly allowUnsigned?: boolean;
  /** Fetches the certificates that a credential only gives the address of. Without it nothing is fetched. */
  readonly resolveX5u?: CertificateResolver;
  /** Accept only the core deterministic encoding (RFC 8949 §4.2.1) at every layer. Default false. */
  readonly deterministic?: boolean;
}

/** What was in an encrypted structure. */
export interface OpenedContent {
  readonly content: Uint8Array;
  readonly warnings: readonly Warning[];
}

/** Opens an encrypted structure. Absent where nothing encrypted is read. */
export type OpenEncrypted = (cose: Uint8Array) => Promise<OpenedContent>;

/** Verifies a signature in another way than by a trust: throws, or tells who signed and what was checked. */
export type VerifySigned = (sign1: Sign1) => Promise<Pick<Signed, 'checks'> & Required<Pick<Signed, 'by'>>>;

/** Who signed, as the signature says that was verified. */
export interface SignedBy {
  readonly algorithm: string;
  readonly keyId?: string;
  /** The backend that the signer's key, in software, stands in for. */
  readonly softwareInsteadOf?: string;
}

/** The claims of a credential and what its signature says of them. */
export interface Signed {
  readonly payload: Uint8Array;
  readonly checks: readonly Check[];
  /** Absent when nothing was verified. */
  readonly by?: SignedBy | undefined;
}

/** The same, with what was found on the way. */
export interface OpenedSigned extends Signed {
  readonly x509?: X509Parameters | undefined;
  /** Whether there was the tag of a CWT inside the encryption. */
  readonly wrapped: boolean;
  readonly warnings: readonly Warning[];
}

/** Opens what several signed. */
export type OpenSeveral = (
  cose: Uint8Array,
  opening: Opening,
  before: readonly Check[],
) => Promise<OpenedSigned>;

/** What only some of the public functions can do, so that a small one stays small. */
export interface Means {
  /** Decrypts. */
  readonly open?: OpenEncrypted | undefined;
  /** Stands in for the trust. */
  readonly verify?: VerifySigned | undefined;
  readonly several?: OpenSeveral | undefined;
  /** Its options. Default those of all. */
  readonly table?: OptionTable;
}

/** How a structure is opened. */
export interface Opening extends Omit<Means, 'table'> {
  readonly options: SignatureTrust;
  readonly rules: ProfileRules;
  readonly at: Date;
}

/** Decrypts, if it is encrypted, and verifies. Decryption comes first and proves nothing. */
export function openSigned(cose: Uint8Array, opening: Opening): Soon<OpenedSigned> {
  const { deterministic = false } = opening.options;
  const outer = decodeCose(cose, { deterministic });
  if (isSigned(outer)) return openStructure(outer, cose, opening, NO_CHECKS);
  return openEncrypted(cose, outer, opening);
}

async function openEncrypted(
  cose: Uint8Array,
  outer: CoseStructure,
  opening: Opening,
): Promise<OpenedSigned> {
  const { deterministic = false } = opening.options;
  const { content, warnings } = await decrypted(cose, outer, opening);
  const { cose: inner, wrapped } = withoutCwtTag(content, opening.rules);
  // A CWT map begins with major type 5; a COSE structure is an array or a tag.
  if ((inner[0] ?? 0) >> 5 === 5) {
    return { ...unsigned(inner, 'there is no signature', opening, DECRYPTED), wrapped, warnings };
  }
  const structure = decodeCose(inner, { deterministic });
  const signed = await openStructure(structure, inner, opening, DECRYPTED);
  return { ...signed, wrapped, warnings: [...warnings, ...signed.warnings] };
}

const NO_CHECKS: readonly Check[] = [];
const NONE: readonly Warning[] = [];
const DECRYPTED: readonly Check[] = [{ name: 'decryption', passed: true }];

async function decrypted(
  cose: Uint8Array,
  { kind }: CoseStructure,
  { open }: Opening,
): Promise<OpenedContent> {
  if (kind !== 'encrypt0' && kind !== 'encrypt') {
    throw new Failure('UNSUPPORTED', 'neither signed nor encrypted', { field: 'cose' });
  }
  if (open !== undefined) return open(cose);
  throw new Failure('ARGUMENT_INVALID', 'the credential is encrypted and there is no key', {
    field: 'decryptWith',
  });
}

function isSigned({ kind }: CoseStructure): boolean {
  return kind === 'sign1' || kind === 'sign';
}

function openStructure(
  structure: CoseStructure,
  within: Uint8Array,
  opening: Opening,
  before: readonly Check[],
): Soon<OpenedSigned> {
  const { kind } = structure;
  if (kind === 'sign1') return openSign1(structure, within, opening, before);
  if (kind === 'encrypt0' || kind === 'encrypt') throw malformed('encrypted more than once');
  if (kind === 'sign' && opening.several !== undefined) return opening.several(within, opening, before);
  const message = kind === 'sign' ? 'signed by several' : 'not signed';
  throw new Failure('UNSUPPORTED', message, { field: 'cose' });
}

function openSign1(
  { elements }: CoseStructure,
  within: Uint8Array,
  opening: Opening,
  before: readonly Check[],
): Soon<OpenedSigned> {
  const { deterministic = false } = opening.options;
  const sign1 = sign1Of(elements, { deterministic, within });
  if (sign1.payload === undefined) throw malformed('the payload is detached');
  const { headers } = sign1;
  return following(verified(sign1, sign1.payload, opening, before), ({ payload, checks, by }) => ({
    payload,
    checks,
    by,
    x509: hasX509(headers) ? x509Parameters(headers) : undefined,
    wrapped: false,
    warnings: headers.unprotected.size === 0 ? NONE : [...headers.unprotected.keys()].map(uncovered),
  }));
}

function verified(
  sign1: Sign1,
  payload: Uint8Array,
  opening: Opening,
  before: readonly Check[],
): Soon<Signed> {
  const { options, verify } = opening;
  if (sign1.signature.length === 0) return unsigned(payload, 'there is no signature', opening, before);
  if (verify !== undefined) {
    return verify(sign1).then(({ by, checks }) => ({ payload, by, checks: [...before, ...checks] }));
  }
  const { trust, checks: known } = trustFor(payload, options);
  if (trust === undefined) return unsigned(payload, 'no trust was given', opening, before);
  return following(verifySignature(partsOf(sign1), verifyingWith(trust, opening)), (opened) => ({
    payload,
    checks: [...before, ...known, ...opened.checks],
    by: signerOf(opened),
  }));
}

/** How the signatures of a credential are verified. */
export function verifyingWith(trust: Trust, { options: { resolveX5u }, at }: Opening): VerifyOptions {
  return resolveX5u === undefined ? { trust, at, issuedAt } : { trust, at, issuedAt, resolveX5u };
}

function issuedAt(payload: Uint8Array): number | undefined {
  return decodeCwt(payload).claims.issuedAt;
}

/** Who signed. A kid that the signature does not cover may be whatever somebody wrote there. */
export function signerOf({ algorithm, key, headers }: OpenedSignature): SignedBy {
  const named = headers.protected.get(headerLabel.keyId);
  const keyId = named instanceof Uint8Array ? keyIdText(named) : (key.keyId ?? key.publicKey.id);
  return { algorithm, keyId, ...standInOf(headers) };
}

/** What the protected header says of a key in software that stands in for another. */
export function standInOf({ protected: covered }: Headers): Pick<SignedBy, 'softwareInsteadOf'> {
  const backend = covered.get(STAND_IN);
  return typeof backend === 'string' ? { softwareInsteadOf: backend } : {};
}

/**
 * Whose signatures count for this credential. Its issuer is not verified yet: the name only selects the
 * keys of which one must have signed, the name with it.
 */
export function trustFor(
  payload: Uint8Array,
  { trust, issuers }: SignatureTrust,
): { readonly trust?: Trust; readonly checks: readonly Check[] } {
  if (issuers === undefined) return trust === undefined ? { checks: [] } : { trust, checks: [] };
  const { issuer } = decodeCwt(payload).claims;
  const own = issuer !== undefined && Object.hasOwn(issuers, issuer) ? issuers[issuer] : undefined;
  if (own !== undefined) return { trust: own, checks: [{ name: 'issuer.known', passed: true }] };
  if (trust !== undefined) return { trust, checks: [] };
  throw new Failure('VERIFICATION_FAILED', 'no trust was given for this issuer', { check: 'issuer.known' });
}

/** What nobody signed, where that is allowed; or else `VERIFICATION_FAILED`. */
export function unsigned(
  payload: Uint8Array,
  detail: string,
  { options }: Opening,
  before: readonly Check[],
): Signed {
  if (options.allowUnsigned === true) {
    return { payload, checks: [...before, { name: 'signature', passed: false, detail }] };
  }
  throw new Failure('VERIFICATION_FAILED', 'the credential is not signed', { check: 'signature' });
}

function malformed(message: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: 'cose' });
}
