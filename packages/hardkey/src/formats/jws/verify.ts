/**
 * Verifying a JWS (RFC 7515 §5.2). Needs public keys only, or the shared key of a code.
 *
 * @module
 */
import { isSignatureAlgorithm } from '../../core/algorithms.ts';
import {
  callTable,
  checkOptions,
  isBytes,
  isCount,
  isMoment,
  isNames,
  isTrust,
  type TableOf,
} from '../../core/option-table.ts';
import { verifySeveral } from '../../core/trust/several.ts';
import { isJsonObject, isList, isText } from '../../core/trust/strict-json.ts';
import { Failure, invalid } from '../../errors.ts';
import { decodeHeaders, isUnencoded, type JwsHeaders } from './header.ts';
import { readPayload, signingInput } from './payload.ts';
import { type JwsText, maxSignatures, parseJws } from './serialization.ts';
import {
  type MacOptions,
  type OpenedCode,
  type OpenedSignature,
  type SignatureParts,
  type TrustOptions,
  verifyCode,
  verifySignature,
} from './verify-signature.ts';

/** What is read, and what of it must be genuine. */
export interface ReadJwsOptions {
  /** The payload of a detached signature. */
  readonly payload?: Uint8Array;
  /** Parameters that the caller processes itself, so that `crit` may name them. */
  readonly understood?: readonly string[];
  /**
   * How many different keys must have signed. Signatures that do not verify are then passed over, and
   * reported. Default: every signature must verify.
   */
  readonly minimumSigners?: number;
  /** In characters. Default 2^27. */
  readonly maxTextLength?: number;
}

/** What verification with public keys needs. */
export interface OpenJwsOptions extends TrustOptions, ReadJwsOptions {}

/** What verification with shared keys needs. */
export interface OpenMacJwsOptions extends MacOptions, ReadJwsOptions {}

/** A payload whose signature is genuine, by whom, and every check that was made: those of the first signature. */
export interface OpenedJws extends OpenedSignature {
  readonly payload: Uint8Array;
  /** The genuine signatures, in the order of the document. */
  readonly signatures: readonly OpenedSignature[];
  /** Why others did not verify: only with `minimumSigners`. */
  readonly refused: readonly Failure[];
}

/** A payload whose code is right. */
export interface OpenedMacJws extends OpenedCode {
  readonly payload: Uint8Array;
  /** The codes that are right, in the order of the document. */
  readonly signatures: readonly OpenedCode[];
  /** Why others were not: only with `minimumSigners`. */
  readonly refused: readonly Failure[];
}

/** {@link TrustOptions} for callers that were not compiled. */
export const trustTable: TableOf<Omit<TrustOptions, 'signedAt'>> = {
  trust: isTrust,
  algorithms: (value) => isNames(value) && value.every(isSignatureAlgorithm),
  at: isMoment,
};
/** {@link MacOptions} for callers that were not compiled. */
export const macTable: TableOf<MacOptions> = { ...callTable, mac: isMacs };

const READ: TableOf<ReadJwsOptions> = {
  payload: isBytes,
  understood: (value) => isList(value) && value.every(isText),
  minimumSigners: isCount,
  maxTextLength: isCount,
};
const TRUSTING: TableOf<OpenJwsOptions> = { ...READ, ...trustTable, signedAt: isMoment };
const SHARING: TableOf<OpenMacJwsOptions> = { ...READ, ...macTable };

/**
 * Verifies a JWS, compact or JSON, and returns its payload. Keys found in the header (`jwk`, `jku`,
 * `x5u`) are never used and nothing is fetched; a certificate chain (`x5c`) counts where it leads to a
 * root of the trust. Codes of a shared key count only where `mac` is given, and then nothing else does.
 *
 * Throws `VERIFICATION_FAILED` with the check that failed, `UNSUPPORTED` for an algorithm that is not
 * known, `none` among them, or a `crit`ical parameter, and `MALFORMED`, field `jws…`. Where
 * `minimumSigners` were asked for and fewer signed, it throws the first failure, or the check `signers`
 * when some key signed more than once.
 */
export function openJws(text: string, options: OpenJwsOptions): Promise<OpenedJws>;
/** The same for codes of a shared key. */
export function openJws(text: string, options: OpenMacJwsOptions): Promise<OpenedMacJws>;
export async function openJws(
  text: string,
  options: OpenJwsOptions | OpenMacJwsOptions,
): Promise<OpenedJws | OpenedMacJws> {
  checkKeys(options);
  checkOptions(options, sharesKey(options) ? SHARING : TRUSTING);
  if (!isText(text)) throw invalid('text is needed', 'jws');
  const jws = parseJws(text, options.maxTextLength);
  if (sharesKey(options)) {
    return verifyJws(
      jws,
      options,
      (parts) => verifyCode(parts, options),
      ({ ref }) => ref,
    );
  }
  return verifyJws(
    jws,
    options,
    (parts) => verifySignature(parts, options),
    ({ key }) => key.publicKey.fingerprint,
  );
}

/** Whether a verification is by shared keys. */
export function sharesKey(options: object): options is MacOptions {
  return 'mac' in options && options.mac !== undefined;
}

/** Throws `ARGUMENT_INVALID` unless either `trust` or `mac` is given. */
export function checkKeys(options: { readonly trust?: unknown; readonly mac?: unknown }): void {
  const { trust, mac } = options ?? {};
  if (trust === undefined && mac === undefined) throw invalid('nothing is trusted', 'trust');
  // RFC 8725 §2.1: one verifier for both would let the document choose the kind of key.
  if (trust !== undefined && mac !== undefined) throw invalid('either trust or mac', 'mac');
}

/** Verifies the signatures of a JWS; `identify` tells their keys apart. */
async function verifyJws<T extends OpenedSignature | OpenedCode>(
  jws: JwsText,
  { payload: given, understood = [], minimumSigners: minimum }: ReadJwsOptions,
  verify: (parts: SignatureParts) => Promise<T>,
  identify: (opened: T) => string,
): Promise<T & { payload: Uint8Array; signatures: readonly T[]; refused: readonly Failure[] }> {
  const read = jws.signatures.map((one) => ({ ...one, headers: decodeHeaders(one) }));
  const payload = readPayload(jws, encodingOf(read), given);
  const { genuine: signatures, refused } = await verifySeveral(read, {
    verify: ({ headers, protectedText, signature, field }) =>
      verify({ headers, signature, message: signingInput(protectedText, payload), field, understood }),
    identify,
    minimum,
  });
  return { ...signatures[0], payload: payload.bytes, signatures, refused };
}

/** Whether the payload is signed as it is. RFC 7797 §3: all signatures say the same. */
function encodingOf(
  signatures: readonly { readonly headers: JwsHeaders; readonly field: string }[],
): boolean {
  const said = signatures.map(({ headers, field }) => isUnencoded(headers, field));
  const [first = false] = said;
  if (said.every((one) => one === first)) return first;
  throw new Failure('MALFORMED', 'b64 is not the same in all signatures', { field: 'jws.b64' });
}

function isMacs(value: unknown): boolean {
  if (isList(value)) return value.length > 0 && value.length <= maxSignatures && value.every(isMac);
  return isMac(value);
}

function isMac(value: unknown): boolean {
  return isJsonObject(value) && isText(value['algorithm']) && typeof value['verifyMac'] === 'function';
}
