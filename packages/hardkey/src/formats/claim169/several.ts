/**
 * Credentials that several signed: 1.2.1 §4 allows a COSE_Sign. Every signature must be genuine.
 *
 * @module
 */
import type { Check } from '../../core/trust/trust.ts';
import { malformed } from '../cose/headers.ts';
import { decodeSign, openSign } from '../cose/verify-sign.ts';
import { hasX509, x509Parameters } from '../cose/x509-read.ts';
import {
  type OpenedSigned,
  type Opening,
  type Signed,
  signerOf,
  standInOf,
  trustFor,
  unsigned,
  verifyingWith,
} from './signed.ts';
import { uncovered } from './warnings.ts';

/** Verifies all signatures of a COSE_Sign. Who signed first is named, and every check is listed. */
export async function openSeveral(
  cose: Uint8Array,
  opening: Opening,
  before: readonly Check[],
): Promise<OpenedSigned> {
  const { deterministic = false } = opening.options;
  const { headers, payload, signatures } = decodeSign(cose, { deterministic });
  if (payload === undefined) throw malformed('the payload is detached');
  const signed = await verified(cose, payload, opening, before);
  const [first = { headers }] = signatures;
  const buckets = [headers, ...signatures.map((one) => one.headers)];
  return {
    ...signed,
    x509: hasX509(first.headers) ? x509Parameters(first.headers) : undefined,
    wrapped: false,
    warnings: buckets.flatMap(({ unprotected }) => [...unprotected.keys()].map(uncovered)),
  };
}

async function verified(
  cose: Uint8Array,
  payload: Uint8Array,
  opening: Opening,
  before: readonly Check[],
): Promise<Signed> {
  const { options } = opening;
  const { trust, checks } = trustFor(payload, options);
  if (trust === undefined) return unsigned(payload, 'no trust was given', opening, before);
  const { deterministic = false } = options;
  const { signatures } = await openSign(cose, { ...verifyingWith(trust, opening), deterministic });
  const [first] = signatures;
  // One of them is enough to be told of.
  const [standIn] = signatures
    .map(({ headers }) => standInOf(headers))
    .filter((one) => one.softwareInsteadOf);
  const made = signatures.flatMap((one) => one.checks);
  return {
    payload,
    checks: [...before, ...checks, ...made],
    ...(first && { by: { ...signerOf(first), ...standIn } }),
  };
}
