/**
 * Credentials that several signed: 1.2.1 §4 allows a COSE_Sign. Every signature must be genuine.
 *
 * @module
 */
import { keyIdText } from '../../core/trust/key-id.ts';
import type { Check } from '../../core/trust/trust.ts';
import { headerLabel, malformed } from '../cose/headers.ts';
import { decodeSign, openSign } from '../cose/verify-sign.ts';
import type { OpenedSignature } from '../cose/verify-signature.ts';
import { x509Parameters } from '../cose/x509-read.ts';
import { decodeCwt } from '../cwt/claims.ts';
import { type OpenedSigned, type Opening, type Signed, trustFor, unsigned } from './signed.ts';
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
  const x509 = x509Parameters(first.headers);
  const buckets = [headers, ...signatures.map((one) => one.headers)];
  return {
    ...signed,
    ...(Object.keys(x509).length > 0 && { x509 }),
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
  const { options, at } = opening;
  const { trust, checks } = trustFor(payload, options);
  if (trust === undefined) return unsigned(payload, 'no trust was given', opening, before);
  const { resolveX5u, deterministic = false } = options;
  const { signatures } = await openSign(cose, {
    trust,
    at,
    deterministic,
    issuedAt: (claims) => decodeCwt(claims).claims.issuedAt,
    ...(resolveX5u && { resolveX5u }),
  });
  const [first] = signatures;
  const made = signatures.flatMap((one) => one.checks);
  return { payload, checks: [...before, ...checks, ...made], ...(first && { by: signerOf(first) }) };
}

function signerOf({ algorithm, key, headers }: OpenedSignature): NonNullable<Signed['by']> {
  const named = headers.protected.get(headerLabel.keyId);
  const keyId = named instanceof Uint8Array ? keyIdText(named) : (key.keyId ?? key.publicKey.id);
  return { algorithm, keyId };
}
