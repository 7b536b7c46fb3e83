/**
 * What is known of a key of a token: its name, what it can do, and what the token says of its custody.
 *
 * @module
 */
import { digest } from '#crypto';
import { type Algorithm, type AlgorithmFacts, algorithms } from '../../core/algorithms.ts';
import type { Custody, KeyInfo } from '../../core/key.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { keyFits } from '../../core/verify.ts';
import { concat, utf8 } from '../../encoding/bytes.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { type Address, pinnedRef } from './address.ts';
import { algorithmsOf, symmetricFitting } from './algorithms.ts';
import { CKA, flagOf, numberOf, numbersOf } from './attributes.ts';
import type { Located } from './client.ts';
import type { TokenKey } from './objects.ts';
import { publicHalf } from './public-half.ts';
import type { FoundObject, TokenInfo } from './wire.ts';

/** Whether the token does what its list of mechanisms says, where the list does not say enough. */
export type Able = (name: Algorithm, key: TokenKey) => Promise<boolean>;

/** Describes a key. */
export async function infoOf(
  address: Address,
  { token, mechanisms, loggedIn }: Located,
  key: TokenKey,
  able: Able,
): Promise<KeyInfo> {
  const publicKey = await publicHalf(key);
  const { label, object, kind } = key;
  // Without a PIN the private half is not seen. What could be done with one is as its type says.
  const hidden = kind === 'public' && !loggedIn;
  const listed = algorithmsOf(
    {
      fitting: kind === 'public' && !hidden ? [] : fittingOf(key, publicKey),
      isSet: (attribute) => hidden || flagOf(object, attribute) === true,
      mechanisms: numbersOf(object, CKA.ALLOWED_MECHANISMS),
    },
    mechanisms,
  );
  const really: Algorithm[] = [];
  for (const name of listed) if (await able(name, key)) really.push(name);
  return Object.freeze({
    ref: pinnedRef(address, token, key),
    id: publicKey?.id ?? (await secretId(token, key)),
    ...(label === undefined ? {} : { label }),
    algorithms: Object.freeze(really),
    state: 'active',
    custody: custodyOf(token, kind === 'public' ? undefined : object),
    ...(publicKey === undefined ? {} : { publicKey }),
  });
}

function fittingOf({ kind, object }: TokenKey, publicKey: PublicKey | undefined): readonly AlgorithmFacts[] {
  if (kind === 'secret') {
    return symmetricFitting(numberOf(object, CKA.KEY_TYPE), (numberOf(object, CKA.VALUE_LEN) ?? 0) * 8);
  }
  if (publicKey === undefined) return [];
  return algorithms.filter((facts) => keyFits(publicKey, facts));
}

const FACTS = {
  sensitive: CKA.SENSITIVE,
  alwaysSensitive: CKA.ALWAYS_SENSITIVE,
  extractable: CKA.EXTRACTABLE,
  neverExtractable: CKA.NEVER_EXTRACTABLE,
  local: CKA.LOCAL,
} as const;

/** What the token says of the key, if it was seen. What it does not say is left out. */
function custodyOf(
  { label, serial, manufacturer, model }: TokenInfo,
  object: FoundObject | undefined,
): Custody {
  const flags = Object.entries(FACTS).flatMap(([name, attribute]) => {
    const flag = object && flagOf(object, attribute);
    return flag === undefined ? [] : [[name, flag] as const];
  });
  const facts = Object.freeze({ ...Object.fromEntries(flags), token: label, serial, manufacturer, model });
  return Object.freeze({ place: 'token', level: object === undefined ? 'claimed' : 'attributed', facts });
}

/** A secret key has no public half to be known by: its names and its token stand for it. */
async function secretId({ serial, label: token }: TokenInfo, { label = '', id }: TokenKey): Promise<string> {
  const names = utf8(JSON.stringify([serial, token, label]));
  return encodeHex((await digest('SHA-256', concat(names, id ?? new Uint8Array()))).subarray(0, 8));
}
