/**
 * A signed CWT: claims in a COSE_Sign1.
 *
 * @module
 */
import type { PublicKey } from '../../core/public-key.ts';
import type { CborValue } from '../../encoding/cbor/index.ts';
import { optionsGiven } from '../cose/options.ts';
import { type Sign1Options, signSign1 } from '../cose/sign1.ts';
import { checkIssueTime } from '../cose/x509-write.ts';
import { type CwtClaims, encodeCwt } from './claims.ts';
import { confirmationEntry } from './confirmation.ts';
import { type StatusListEntry, statusEntry } from './status.ts';
import { tagCwt } from './tag.ts';

/** How claims are signed. */
export interface SignCwtOptions extends Omit<Sign1Options, 'detached'> {
  /** Further claims, by label. */
  readonly others?: ReadonlyMap<CborValue, CborValue>;
  /** The key that the bearer must prove to have (RFC 8747): itself, or its `kid`. */
  readonly confirmation?: PublicKey | Uint8Array;
  readonly status?: StatusListEntry;
  /** Put the CWT tag, 61, before the COSE tag (RFC 8392 §6). Default false. */
  readonly cwtTag?: boolean;
}

/**
 * Signs claims. Failures are those of `encodeCwt` and `signSign1`; `iat` outside the period of the
 * signer's certificate is `ARGUMENT_INVALID`, field `issuedAt`.
 */
export async function signCwt(claims: CwtClaims, options: SignCwtOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { others, confirmation, status, cwtTag = false, ...rest } = optionsGiven(options);
  if (rest.certificates !== undefined)
    checkIssueTime(rest.certificates, optionsGiven(claims, 'claims').issuedAt);
  const more = new Map<CborValue, CborValue>([
    ...(others ?? []),
    ...(confirmation === undefined ? [] : [confirmationEntry(confirmation)]),
    ...(status === undefined ? [] : [statusEntry(status)]),
  ]);
  const token = await signSign1(encodeCwt(claims, more), rest);
  return cwtTag ? tagCwt(token) : token;
}
