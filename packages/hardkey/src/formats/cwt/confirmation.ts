/**
 * The confirmation claim (RFC 8747): which key the bearer of a token must prove to have.
 *
 * @module
 */
import { isPublicKey } from '../../core/option-table.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { keyIdNames } from '../../core/trust/key-id.ts';
import { CborEncoded, type CborMap, type CborValue, encodeCbor } from '../../encoding/cbor/index.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';
import { decodeCoseKey } from '../cose/key-set.ts';
import { bytesGiven, optionsGiven } from '../cose/options.ts';
import { cwtGiven, type DecodedCwt } from './claims.ts';

/** Label of the claim. */
export const confirmationLabel = 8;

/** How the bearer's key is named. */
export interface Confirmation {
  /** The key itself, where it is a public key of a known kind. */
  readonly publicKey?: PublicKey;
  readonly keyId?: Uint8Array;
  /** Everything that stands in the claim. */
  readonly members: CborMap;
}

const [COSE_KEY, ENCRYPTED_KEY, KEY_ID] = [1, 2, 3];

/**
 * The entry of the claim, for the second argument of `encodeCwt`: a public key, or the bytes of a `kid`.
 * Anything else is `ARGUMENT_INVALID`, field `confirmation`.
 */
export function confirmationEntry(key: PublicKey | Uint8Array): readonly [number, CborMap] {
  if (!(key instanceof Uint8Array) && typeof key?.toCoseKey !== 'function') {
    throw invalid('a public key or the bytes of a kid are needed', 'confirmation');
  }
  const member: readonly [number, CborValue] =
    key instanceof Uint8Array ? [KEY_ID, key] : [COSE_KEY, new CborEncoded(key.toCoseKey())];
  return [confirmationLabel, new Map<CborValue, CborValue>([member])];
}

/** Reads the claim, where there is one. Throws `MALFORMED`, field `cwt.confirmation`. */
export async function confirmationOf(cwt: DecodedCwt): Promise<Confirmation | undefined> {
  const members = cwtGiven(cwt).others.find(({ key }) => key === confirmationLabel)?.value;
  if (members === undefined) return undefined;
  if (!(members instanceof Map) || members.size === 0) throw malformed('the claim is not a map of members');
  // RFC 8747 §3.1.
  if (members.has(COSE_KEY) && members.has(ENCRYPTED_KEY)) throw malformed('there are two keys');
  const keyId = members.get(KEY_ID);
  if (keyId !== undefined && !(keyId instanceof Uint8Array)) throw malformed('kid is not a byte string');
  const publicKey = await publicKeyOf(members.get(COSE_KEY));
  return {
    ...(publicKey === undefined ? {} : { publicKey }),
    ...(keyId === undefined ? {} : { keyId }),
    members,
  };
}

/**
 * Returns when the claim names `key`, by itself or by its id or thumbprint, and throws
 * `VERIFICATION_FAILED`, check `cwt.confirmation`, when it does not. That the bearer has the key is for
 * the caller to see.
 */
export function checkConfirmation(confirmation: Confirmation | undefined, key: PublicKey): void {
  if (!isPublicKey(key)) throw invalid('a public key is needed', 'key');
  const { publicKey, keyId } = confirmation === undefined ? {} : optionsGiven(confirmation, 'confirmation');
  if (publicKey !== undefined && !isPublicKey(publicKey)) {
    throw invalid('a public key is needed', 'confirmation.publicKey');
  }
  const names = keyId === undefined ? [] : keyIdNames(bytesGiven(keyId, 'confirmation.keyId'));
  const named = names.includes(key.id) || names.includes(key.thumbprint);
  if (publicKey === undefined ? named : publicKey.fingerprint === key.fingerprint) return;
  throw new Failure('VERIFICATION_FAILED', 'the token is bound to another key', {
    check: 'cwt.confirmation',
    actual: key.fingerprint,
  });
}

async function publicKeyOf(value: CborValue | undefined): Promise<PublicKey | undefined> {
  if (value === undefined) return undefined;
  try {
    return (await decodeCoseKey(encodeCbor(value))).publicKey;
  } catch (failure) {
    // A key of another kind is no mistake of the token: only the caller knows what it needs.
    if (isFailure(failure, 'UNSUPPORTED')) return undefined;
    if (isFailure(failure, 'MALFORMED')) throw malformed('the key is not a COSE_Key');
    throw failure;
  }
}

function malformed(message: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: 'cwt.confirmation' });
}
