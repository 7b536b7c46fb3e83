/**
 * Verifying COSE_Sign (RFC 9052 §4.1): how many of its signers must be genuine, the verifier says.
 *
 * @module
 */
import { verifySeveral } from '../../core/trust/several.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import { type Failure, invalid } from '../../errors.ts';
import { decodeHeaders, type HeaderOptions, type Headers, malformed } from './headers.ts';
import {
  type BoundTo,
  checkReadOptions,
  externalAadOf,
  payloadOf,
  type ReadOptions,
  readOptions,
} from './options.ts';
import { maxSignatures } from './sign.ts';
import { signerStructure } from './signature-structure.ts';
import { decodeCoseAs } from './structure.ts';
import {
  type OpenedSignature,
  type VerifyOptions,
  verifyOptions,
  verifySignature,
} from './verify-signature.ts';

/** A COSE_Sign as it was read: nothing in it is verified. */
export interface Sign {
  readonly headers: Headers;
  /** Absent when it is detached. */
  readonly payload?: Uint8Array;
  readonly signatures: readonly { readonly headers: Headers; readonly signature: Uint8Array }[];
}

/** What verification needs. */
export interface OpenSignOptions extends VerifyOptions, ReadOptions, BoundTo {
  /** The payload of detached signatures. */
  readonly payload?: Uint8Array;
  /**
   * How many different keys must have signed. Signatures that do not verify are then passed over, and
   * reported. Default: every signature must verify.
   */
  readonly minimumSigners?: number;
}

/** A payload that was signed as was asked, and by whom. */
export interface OpenedSign {
  readonly payload: Uint8Array;
  readonly headers: Headers;
  /** The genuine signatures, in the order of the document. */
  readonly signatures: readonly OpenedSignature[];
  /** Why others did not verify: only with `minimumSigners`. */
  readonly refused: readonly Failure[];
}

const KNOWN = [...verifyOptions, ...readOptions, 'payload', 'minimumSigners'];

/** Reads a COSE_Sign without verifying it. Throws `MALFORMED`, field `cose`. */
export function decodeSign(bytes: Uint8Array, options: ReadOptions = {}): Sign {
  return signOf(decodeCoseAs(bytes, 'sign', options), { ...options, within: bytes });
}

/** Reads the elements of a COSE_Sign. */
function signOf(
  [protectedBytes, unprotected, payload, signatures]: readonly CborValue[],
  options: HeaderOptions = {},
): Sign {
  const headers = decodeHeaders(protectedBytes, unprotected, options);
  if (payload !== null && !(payload instanceof Uint8Array)) {
    throw malformed('the payload is not a byte string');
  }
  if (!Array.isArray(signatures) || signatures.length === 0) throw malformed('there are no signatures');
  if (signatures.length > maxSignatures) throw malformed('there are too many signatures');
  const read = signatures.map((one: CborValue) => signatureOf(one, options));
  return { headers, ...(payload === null ? {} : { payload }), signatures: read };
}

/**
 * Verifies a COSE_Sign and returns its payload. Throws like `openSign1`; where `minimumSigners` were
 * asked for and fewer signed, with the first failure, or with the check `signers` when some key signed
 * more than once.
 */
export async function openSign(bytes: Uint8Array, options: OpenSignOptions): Promise<OpenedSign> {
  checkReadOptions(options, KNOWN);
  return verifySign(decodeSign(bytes, options), options);
}

/** Verifies what {@link decodeSign} read. */
async function verifySign(sign: Sign, options: OpenSignOptions): Promise<OpenedSign> {
  const { headers } = sign;
  const minimum = minimumOf(options);
  const payload = payloadOf(sign.payload, options.payload);
  const externalAad = externalAadOf(options);
  const { genuine: signatures, refused } = await verifySeveral(sign.signatures, {
    verify: async ({ headers: own, signature }) => {
      const message = signerStructure(headers.protectedBytes, own.protectedBytes, externalAad, payload);
      return verifySignature({ headers: own, signature, message, payload }, options);
    },
    identify: ({ key }) => key.publicKey.fingerprint,
    minimum,
  });
  return { payload, headers, signatures, refused };
}

function signatureOf(value: CborValue, options: HeaderOptions): Sign['signatures'][number] {
  if (!Array.isArray(value) || value.length !== 3) throw malformed('not a signature');
  const [first, second, signature] = value as readonly CborValue[];
  if (!(signature instanceof Uint8Array)) throw malformed('the signature is not a byte string');
  return { headers: decodeHeaders(first, second, options), signature };
}

function minimumOf({ minimumSigners }: OpenSignOptions): number | undefined {
  if (minimumSigners === undefined || (Number.isInteger(minimumSigners) && minimumSigners >= 1)) {
    return minimumSigners;
  }
  throw invalid('a whole number from 1 on is needed', 'minimumSigners');
}
