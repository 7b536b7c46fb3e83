/**
 * A version of a key of Cloud KMS, as the interface shows it.
 *
 * @module
 */
import { digest } from '#crypto';
import { algorithm as factsOf } from '../../core/algorithms.ts';
import { boundKey, checkState, type Guard } from '../../core/bound-key.ts';
import type { Custody, Key, KeyInfo } from '../../core/key.ts';
import { parseGcpResource } from '../../core/refs/gcp.ts';
import { keyFits } from '../../core/verify.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure } from '../../errors.ts';
import { pinnedRef } from './address.ts';
import { algorithmOf, isAsymmetric } from './algorithms.ts';
import type { Description } from './describe.ts';
import type { HeldKey } from './held-key.ts';
import { performer } from './operations.ts';

/** What is known of a version. Throws `UNSUPPORTED` when nothing here can be done with it. */
export async function infoOf(description: Description): Promise<KeyInfo> {
  const { name, state, publicKey, version, isSuperseded } = description;
  const createdAt = Number(String(version?.createTime?.seconds ?? Number.NaN));
  return Object.freeze({
    ref: pinnedRef(name),
    id: publicKey?.id ?? encodeHex((await digest('SHA-256', utf8(name))).subarray(0, 8)),
    label: parseGcpResource(name).key,
    algorithms: Object.freeze(checkedAlgorithms(description)),
    state,
    ...(isSuperseded ? { superseded: true } : {}),
    custody: custodyOf(description),
    ...(Number.isNaN(createdAt) ? {} : { createdAt }),
    ...(publicKey === undefined ? {} : { publicKey }),
  });
}

/** What the algorithm and the public half allow, which must be of one kind. */
function checkedAlgorithms({ name, algorithm, publicKey }: Description): KeyInfo['algorithms'] {
  const details = { provider: 'gcpkms', keyId: name };
  const ours = algorithmOf(algorithm);
  if (ours === undefined) {
    throw new Failure('UNSUPPORTED', 'versions of this algorithm are not known here', details);
  }
  if (publicKey === undefined || keyFits(publicKey, factsOf(ours))) return [ours];
  throw new Failure('SIGNER_MISMATCH', 'the public key is not of the kind that Cloud KMS says', details);
}

/** What Cloud KMS says of where the key is. */
function custodyOf({ name, algorithm, protectionLevel, version }: Description): Custody {
  const { project, location } = parseGcpResource(name);
  const facts = Object.freeze({
    service: 'Google Cloud KMS',
    project,
    location,
    protectionLevel,
    algorithm,
  });
  return Object.freeze({ place: 'service', level: version === undefined ? 'claimed' : 'attributed', facts });
}

/** A key that calls Cloud KMS. A disabled one whose public half is not shown is bound to nothing. */
export function keyOf(info: KeyInfo, description: Description, held: HeldKey, ready: () => void): Key {
  const guard: Guard = (purpose) => {
    ready();
    checkState(info, purpose);
  };
  const key = boundKey(info, held, guard, performer);
  if (info.publicKey !== undefined || !isAsymmetric(description.algorithm)) return key;
  const refuse = (): never => {
    guard('protect');
    throw new Failure('UNAVAILABLE', 'Cloud KMS did not show the public key', { ref: String(info.ref) });
  };
  return Object.freeze({ ...key, use: refuse, useDigest: refuse });
}
