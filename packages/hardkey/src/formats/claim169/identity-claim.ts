/**
 * The claims of a credential, taken apart: the identity on one side, everything else on the other.
 *
 * @module
 */
import { CborReader, type CborValue } from '../../encoding/cbor/index.ts';
import { Failure, isFailure } from '../../errors.ts';
import { type DecodedCwt, decodeCwt, type NestedClaim } from '../cwt/claims.ts';
import { type DecodedIdentity, decodeIdentity, readIdentity } from './decode-identity.ts';
import { identityLabel, type Meta, readMeta } from './meta.ts';
import type { PrivateFields } from './private-fields.ts';
import { inAnotherProfile, type ProfileRules } from './profile.ts';

/** What a payload says. */
export interface DecodedClaims {
  readonly cwt: DecodedCwt;
  readonly meta: Meta;
  readonly found: DecodedIdentity;
  /** Whether the identity was in a byte string. */
  readonly wrapped: boolean;
}

/** How a payload is read. */
export interface ClaimsOptions {
  readonly rules: ProfileRules;
  readonly deterministic?: boolean | undefined;
  readonly privateFields?: PrivateFields<unknown> | undefined;
}

/** Reads a payload. Throws `MALFORMED`, field `cwt`, or `claim169` for what is wrong inside the identity. */
export function decodeClaims(payload: Uint8Array, options: ClaimsOptions): DecodedClaims {
  const { rules, deterministic = false, privateFields } = options;
  const reading = { rules, deterministic, privateFields };
  let mapped: DecodedIdentity | undefined;
  const read = (reader: CborReader): CborValue => {
    if (!reader.isMap) return reader.value();
    mapped = readIdentity(reader, reading);
    return undefined;
  };
  const cwt = cwtOf(payload, deterministic, { label: identityLabel, read });
  const found = mapped ?? decodeIdentity(wrappedIn(cwt, rules), reading);
  return { cwt, meta: readMeta(payload, cwt.claims, cwt.others), found, wrapped: mapped === undefined };
}

/** The identity that is in a byte string. */
function wrappedIn({ others }: DecodedCwt, rules: ProfileRules): Uint8Array {
  const entry = others.find(({ key }) => key === identityLabel);
  if (entry === undefined) throw malformed('there is no claim 169');
  if (!(entry.value instanceof Uint8Array)) throw malformed('the identity is not a map');
  if (!rules.wrapped) throw inAnotherProfile('claim169', rules, 'mosip');
  return entry.value;
}

function malformed(message: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: 'claim169' });
}

/** The claims are read together with the identity among them: says which of the two was wrong. */
function cwtOf(payload: Uint8Array, deterministic: boolean, identity: NestedClaim): DecodedCwt {
  try {
    // An identity among claims may be 8 deep.
    return decodeCwt(payload, { depth: 9, items: 2200, deterministic }, identity);
  } catch (failure) {
    if (!isFailure(failure, 'MALFORMED') || failure.details.field !== 'cwt') throw failure;
    const { offset = 0 } = failure.details;
    const start = startOfIdentity(payload, offset);
    if (start === undefined) throw failure;
    throw new Failure('MALFORMED', failure.message, { field: 'claim169', offset: offset - start }, failure);
  }
}

/** Where the identity begins, if what is at `offset` is in it. */
function startOfIdentity(payload: Uint8Array, offset: number): number | undefined {
  const [first = 0] = payload;
  const info = first & 31;
  // RFC 8949 §3: the head of the map.
  const head = info < 24 || info === 31 ? 1 : 1 + (1 << (info - 24));
  const reader = new CborReader(payload.subarray(head));
  try {
    for (;;) {
      const key = reader.value();
      const start = head + reader.offset;
      if (key === identityLabel) return isWithin(reader, start, head, offset) ? start : undefined;
      reader.value();
    }
  } catch (failure) {
    if (isFailure(failure, 'MALFORMED')) return undefined;
    throw failure;
  }
}

function isWithin(reader: CborReader, start: number, head: number, offset: number): boolean {
  try {
    reader.value();
    return offset >= start && offset < head + reader.offset;
  } catch (failure) {
    if (isFailure(failure, 'MALFORMED')) return offset >= start;
    throw failure;
  }
}
