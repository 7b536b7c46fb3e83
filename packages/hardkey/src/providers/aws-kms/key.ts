/**
 * A key of KMS, as the interface shows it.
 *
 * @module
 */
import { digest } from '#crypto';
import { algorithm } from '../../core/algorithms.ts';
import { boundKey, checkState, type Guard } from '../../core/bound-key.ts';
import type { Custody, Key, KeyInfo } from '../../core/key.ts';
import type { AwsKeyName } from '../../core/refs/aws.ts';
import { keyFits } from '../../core/verify.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure } from '../../errors.ts';
import { aliasOf, partsOfArn, pinnedRef } from './address.ts';
import { algorithmsOf, isAsymmetric } from './algorithms.ts';
import type { Description } from './describe.ts';
import type { HeldKey } from './held-key.ts';
import { performer } from './operations.ts';

/** What is known of a key. Throws `UNSUPPORTED` when nothing here can be done with it. */
export async function infoOf(address: AwsKeyName, description: Description): Promise<KeyInfo> {
  const { arn, state, publicKey, metadata, madeFor, mark } = description;
  const createdAt = metadata?.CreationDate?.getTime();
  const label = aliasOf(address) ?? madeFor;
  return Object.freeze({
    ref: pinnedRef(address, arn),
    id: publicKey?.id ?? encodeHex((await digest('SHA-256', utf8(arn))).subarray(0, 8)),
    ...(label === undefined ? {} : { label }),
    algorithms: Object.freeze(checkedAlgorithms(description)),
    state,
    ...(mark === 'superseded' ? { superseded: true } : {}),
    custody: custodyOf(description),
    ...(createdAt === undefined ? {} : { createdAt: Math.floor(createdAt / 1000) }),
    ...(publicKey === undefined ? {} : { publicKey }),
  });
}

/** What the kind of the key and its public half allow, which must be of one kind. */
function checkedAlgorithms({ arn, spec, usage, publicKey }: Description): KeyInfo['algorithms'] {
  const names = algorithmsOf(spec, usage);
  const details = { provider: 'awskms', keyId: arn };
  if (names.length === 0) {
    throw new Failure('UNSUPPORTED', 'keys of this kind and use are not known here', details);
  }
  if (publicKey === undefined || names.every((name) => keyFits(publicKey, algorithm(name)))) return names;
  throw new Failure('SIGNER_MISMATCH', 'the public key is not of the kind that KMS says', details);
}

/** What KMS says of where the key came from and where it is. */
function custodyOf({ arn, spec, usage, metadata }: Description): Custody {
  const { region, account } = partsOfArn(arn);
  const { Origin: origin, MultiRegion: multiRegion, KeyManager: manager } = metadata ?? {};
  const facts = Object.freeze({
    service: 'AWS KMS',
    region,
    account,
    spec,
    usage,
    ...(origin === undefined ? {} : { origin }),
    ...(multiRegion === undefined ? {} : { multiRegion }),
    ...(manager === undefined ? {} : { manager }),
  });
  return Object.freeze({ place: 'service', level: metadata === undefined ? 'claimed' : 'attributed', facts });
}

/** A key that calls KMS. One that is suspended, and whose public half KMS does not show, is bound to nothing. */
export function keyOf(info: KeyInfo, description: Description, held: HeldKey, ready: () => void): Key {
  const guard: Guard = (purpose) => {
    ready();
    checkState(info, purpose);
  };
  const key = boundKey(info, held, guard, performer);
  if (info.publicKey !== undefined || !isAsymmetric(description.spec)) return key;
  const refuse = (): never => {
    guard('protect');
    throw new Failure('UNAVAILABLE', 'KMS did not show the public key', { ref: String(info.ref) });
  };
  return Object.freeze({ ...key, use: refuse, useDigest: refuse });
}
