/**
 * The payload of a credential: the identity and the claims around it.
 *
 * @module
 */
import { type CborValue, encodeCbor } from '../../encoding/cbor/index.ts';
import { encodeRegistered } from '../cwt/claims.ts';
import { encodeIdentity } from './encode-identity.ts';
import type { Identity } from './fields.ts';
import { checkMeta, type Meta, otherClaims } from './meta.ts';
import type { PrivateFields } from './private-fields.ts';
import { type ProfileRules, rulesOf } from './profile.ts';
import type { Warning } from './warnings.ts';

/** How a payload is written. */
export interface PayloadOptions {
  /** Default: those of 1.2.1. */
  readonly rules?: ProfileRules;
  readonly privateFields?: PrivateFields<unknown> | undefined;
}

/** The bytes that are signed, and what is to be said of them. */
export interface Payload {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly warnings: readonly Warning[];
}

/** Writes the payload. Throws `ARGUMENT_INVALID` naming the field for what the profile does not hold. */
export function encodePayload(identity: Identity, meta: Meta, options: PayloadOptions = {}): Payload {
  const { rules = rulesOf(), privateFields } = options;
  const remarks = checkMeta(meta, rules);
  const { map, warnings } = encodeIdentity(identity, rules, privateFields);
  const item: CborValue = rules.wrapped ? encodeCbor(map) : map;
  return { bytes: encodeRegistered(meta, otherClaims(meta, item)), warnings: [...remarks, ...warnings] };
}
