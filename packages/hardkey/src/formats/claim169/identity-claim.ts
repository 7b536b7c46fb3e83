/**
 * The claims of a credential, taken apart: the identity on one side, everything else on the other.
 *
 * @module
 */
import { type CborEntry, type CborMap, CborReader } from '../../encoding/cbor/index.ts';
import { Failure, isFailure } from '../../errors.ts';
import { type DecodedCwt, decodeCwt } from '../cwt/claims.ts';
import { type DecodedIdentity, decodeIdentity } from './decode-identity.ts';
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

/** Bounds on claims: an identity among them may be 8 deep. */
const LIMITS = { depth: 9, items: 2200 } as const;

/** Reads a payload. Throws `MALFORMED`, field `cwt`, or `claim169` for what is wrong inside the identity. */
export function decodeClaims(payload: Uint8Array, options: ClaimsOptions): DecodedClaims {
  const { rules, deterministic = false, privateFields } = options;
  const cwt = located(payload, () => decodeCwt(payload, { ...LIMITS, deterministic }));
  const { claims, others } = cwt;
  const { bytes, map } = identityOf(payload, others, rules);
  const found = decodeIdentity(bytes, { rules, deterministic, privateFields, ...(map && { map }) });
  const wrapped = map === undefined;
  return { cwt, meta: readMeta(payload, claims, others), found, wrapped };
}

/** The encoding of the identity, and what it says where it is not in a byte string. */
function identityOf(
  payload: Uint8Array,
  others: readonly CborEntry[],
  rules: ProfileRules,
): { readonly bytes: Uint8Array; readonly map?: CborMap } {
  const entry = others.find(({ key }) => key === identityLabel);
  if (entry === undefined) throw malformed('there is no claim 169');
  const { value, start, end } = entry;
  if (value instanceof Map) return { bytes: payload.subarray(start, end), map: value };
  if (!(value instanceof Uint8Array)) throw malformed('the identity is not a map');
  if (!rules.wrapped) throw inAnotherProfile('claim169', rules, 'mosip');
  return { bytes: value };
}

function malformed(message: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: 'claim169' });
}

/** The claims are read together with the identity among them: says which of the two was wrong. */
function located<T>(payload: Uint8Array, read: () => T): T {
  try {
    return read();
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
