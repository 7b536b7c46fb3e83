/**
 * Verifying a CWT (RFC 8392 §7.2): whatever is around its claims, and the claims.
 *
 * @module
 */
import type { Mac } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { keyIdText } from '../../core/trust/key-id.ts';
import type { Check, Trust } from '../../core/trust/trust.ts';
import { Failure, invalid } from '../../errors.ts';
import type { Headers } from '../cose/headers.ts';
import { openMac0 } from '../cose/mac0.ts';
import {
  type BoundTo,
  checkReadOptions,
  checkTagRule,
  type ReadOptions,
  readOptions,
} from '../cose/options.ts';
import { type CoseKind, decodeCose, type TagRule } from '../cose/structure.ts';
import { openSign1 } from '../cose/verify.ts';
import { openSign } from '../cose/verify-sign.ts';
import { type OpenedSignature, type VerifyOptions, verifyOptions } from '../cose/verify-signature.ts';
import { type Accept, checkAccepted } from './accepted.ts';
import { type DecodedCwt, decodeCwt } from './claims.ts';
import { type Confirmation, checkConfirmation, confirmationOf } from './confirmation.ts';
import { type CwtExpectations, checkExpectations, expectationOptions } from './expectations.ts';
import { type CwtStatus, statusOf } from './status.ts';
import { untagCwt } from './tag.ts';
import { checkSeconds, checkTimes, secondsOf, type TimeStatus, timeFailure } from './times.ts';

/** What a verifier brings and expects. */
export interface OpenCwtOptions
  extends CwtExpectations,
    Omit<VerifyOptions, 'trust' | 'issuedAt'>,
    ReadOptions,
    BoundTo {
  /** Whose signatures count. */
  readonly trust?: Trust;
  /** The shared key of a token with a code instead of a signature. */
  readonly mac?: Mac;
  /** Opens an encrypted token, once: `(cose) => openEncrypted(cose, key)`. Inside, it must be signed or have a code. */
  readonly decrypt?: (cose: Uint8Array) => Promise<Uint8Array>;
  /** How many keys must have signed a COSE_Sign. Default all of them. */
  readonly minimumSigners?: number;
  /** Whether the CWT tag, 61, must be there. Default `optional`. */
  readonly cwtTag?: TagRule;
  /** How far clocks may differ, in seconds. Default 0. */
  readonly skewSeconds?: number;
  /** Return a genuine token that is out of its time with that status, rather than throw. */
  readonly time?: 'report';
  /** The key the bearer has proved to have: the confirmation claim must name it. */
  readonly holder?: PublicKey;
  /** Asked about the status claim, where there is one. Only `true` accepts. */
  readonly acceptStatus?: Accept<CwtStatus>;
  /**
   * Asked about the id, where there is one and everything else is good: whoever remembers ids refuses a
   * token that is shown twice. Only `true` accepts.
   */
  readonly acceptCwtId?: Accept<Uint8Array>;
}

/** A token that is genuine, and what it says. */
export interface OpenedCwt extends DecodedCwt {
  readonly status: TimeStatus;
  /** Every check that was made, those of the time that did not pass among them. */
  readonly checks: readonly Check[];
  readonly headers: Headers;
  /** Who signed. Nobody in particular where there is a code. */
  readonly signatures: readonly OpenedSignature[];
  readonly confirmation?: Confirmation;
  readonly credentialStatus?: CwtStatus;
  /** Whether the token also holds now. */
  isVerified(): boolean;
}

const KNOWN = [
  ...verifyOptions.filter((name) => name !== 'issuedAt'),
  ...readOptions,
  ...expectationOptions,
  'mac',
  'decrypt',
  'minimumSigners',
  'cwtTag',
  'skewSeconds',
  'time',
  'holder',
  'acceptStatus',
  'acceptCwtId',
];

/**
 * Verifies a token: a COSE_Sign1, COSE_Sign or COSE_Mac0, perhaps encrypted, with or without tag 61.
 *
 * Throws `MALFORMED`, field `cose`, `cwt` or `cwt.<claim>`; `VERIFICATION_FAILED` with the check that did
 * not pass; `EXPIRED` and `NOT_YET_VALID` for a genuine token out of its time; and `ARGUMENT_INVALID`
 * naming what is missing: `trust`, `mac` or `decrypt`.
 */
export async function openCwt(bytes: Uint8Array, options: OpenCwtOptions): Promise<OpenedCwt> {
  checkReadOptions(options, KNOWN);
  checkTagRule(options.cwtTag, 'cwtTag');
  const { at = new Date(), skewSeconds = 0, deterministic = false } = options;
  secondsOf(at);
  checkSeconds(skewSeconds, 'skewSeconds');
  if (options.time !== undefined && options.time !== 'report') throw invalid('no such choice', 'time');
  const found = await authenticated(bytes, { ...options, at });
  const cwt = decodeCwt(found.payload, { deterministic });
  const expected = checkExpectations(cwt, options, { at, skewSeconds });
  const confirmation = await confirmationOf(cwt);
  if (options.holder !== undefined) checkConfirmation(confirmation, options.holder);
  const credentialStatus = statusOf(cwt);
  const more = await checkAccepted('cwt.status', credentialStatus, options.acceptStatus);
  const { status, checks } = checkTimes(cwt.claims, { at, skewSeconds });
  if (options.time !== 'report') throwUnlessValid(status, found.signatures);
  const { cwtId } = cwt.claims;
  const last = status === 'valid' ? await checkAccepted('cwt.cti', cwtId, options.acceptCwtId) : [];
  return {
    ...cwt,
    status,
    checks: [...found.checks, ...expected, ...more, ...checks, ...last],
    headers: found.headers,
    signatures: found.signatures,
    ...(confirmation === undefined ? {} : { confirmation }),
    ...(credentialStatus === undefined ? {} : { credentialStatus }),
    isVerified: () => status === 'valid',
  };
}

/** The claims of a token, and what says that they are genuine. */
interface Genuine {
  readonly payload: Uint8Array;
  readonly headers: Headers;
  readonly signatures: readonly OpenedSignature[];
  readonly checks: readonly Check[];
}

type Given = OpenCwtOptions & { readonly at: Date };

async function authenticated(bytes: Uint8Array, options: Given): Promise<Genuine> {
  const content = withoutTag(bytes, options);
  const { kind } = decodeCose(content, options);
  if (kind !== 'encrypt0' && kind !== 'encrypt') return genuine(content, kind, options);
  const { decrypt } = options;
  if (decrypt === undefined) throw invalid('the token is encrypted and nothing opens it', 'decrypt');
  return authenticatedInside(await decrypt(content), options);
}

async function genuine(content: Uint8Array, kind: CoseKind, options: Given): Promise<Genuine> {
  if (kind === 'sign1' || kind === 'sign') return signedClaims(content, kind, options);
  if (kind === 'mac0') return codedClaims(content, options);
  if (kind === 'mac') {
    throw new Failure('UNSUPPORTED', 'a token with recipients of its code', { field: 'cose' });
  }
  throw new Failure('MALFORMED', 'encrypted more than once', { field: 'cose' });
}

/** RFC 8392 §7.2 step 4: the content of an encrypted token is a token again; here, one that is signed. */
async function authenticatedInside(plaintext: Uint8Array, options: Given): Promise<Genuine> {
  // A map of claims begins with major type 5.
  if ((plaintext[0] ?? 0) >> 5 === 5) {
    throw new Failure('VERIFICATION_FAILED', 'the token is encrypted and not signed', { check: 'signature' });
  }
  const content = withoutTag(plaintext, { ...options, cwtTag: 'optional' });
  return genuine(content, decodeCose(content, options).kind, options);
}

function withoutTag(bytes: Uint8Array, { cwtTag = 'optional', deterministic = false }: Given): Uint8Array {
  const { tagged, content } = untagCwt(bytes, { deterministic });
  if (cwtTag !== 'optional' && tagged !== (cwtTag === 'required')) {
    throw new Failure('MALFORMED', tagged ? 'there is a CWT tag' : 'there is no CWT tag', {
      field: 'cwt',
      offset: 0,
    });
  }
  // RFC 8392 §6: what follows the CWT tag is tagged.
  if (tagged && (content[0] ?? 0) >> 5 !== 6) {
    throw new Failure('MALFORMED', 'no COSE tag follows the CWT tag', { field: 'cwt', offset: 2 });
  }
  return content;
}

async function signedClaims(content: Uint8Array, kind: 'sign1' | 'sign', options: Given): Promise<Genuine> {
  const { trust, minimumSigners } = options;
  if (trust === undefined) throw invalid('the token is signed and nothing is trusted', 'trust');
  const given = { ...pick(options, [...verifyOptions, ...readOptions]), trust, issuedAt };
  if (kind === 'sign1') {
    const { payload, headers, checks, ...signature } = await openSign1(content, given);
    return { payload, headers, checks, signatures: [{ ...signature, headers, checks }] };
  }
  const more = minimumSigners === undefined ? {} : { minimumSigners };
  const { payload, headers, signatures } = await openSign(content, { ...given, ...more });
  return { payload, headers, signatures, checks: signatures.flatMap(({ checks }) => checks) };
}

async function codedClaims(content: Uint8Array, options: Given): Promise<Genuine> {
  const { mac } = options;
  if (mac === undefined) throw invalid('the token has a code and there is no key', 'mac');
  const { payload, headers } = await openMac0(content, mac, pick(options, readOptions));
  return { payload, headers, signatures: [], checks: [{ name: 'mac', passed: true }] };
}

function issuedAt(payload: Uint8Array): number | undefined {
  return decodeCwt(payload).claims.issuedAt;
}

function throwUnlessValid(status: TimeStatus, [first]: readonly OpenedSignature[]): void {
  const { algorithm, keyId } = first ?? {};
  const failure = timeFailure(status, {
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(keyId === undefined ? {} : { keyId: keyIdText(keyId) }),
  });
  if (failure !== undefined) throw failure;
}

/** The options that another function knows, too. */
function pick(options: OpenCwtOptions, names: readonly string[]): ReadOptions & BoundTo {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}
