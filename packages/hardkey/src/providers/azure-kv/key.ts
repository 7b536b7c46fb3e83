/**
 * A key of Key Vault, as the interface shows it.
 *
 * @module
 */
import type { Algorithm } from '../../core/algorithms.ts';
import { boundKey, checkState, type Guard } from '../../core/bound-key.ts';
import type { Custody, Key, KeyInfo } from '../../core/key.ts';
import { Failure } from '../../errors.ts';
import { pinnedRef } from './address.ts';
import { algorithmsOf, withProtecting } from './algorithms.ts';
import type { Description } from './describe.ts';
import type { HeldKey } from './held-key.ts';
import { performer } from './operations.ts';

/** What is known of a key. Throws `UNSUPPORTED` when nothing here can be done with it. */
export function infoOf(description: Description): KeyInfo {
  const { name, state, publicKey, properties, isSuperseded } = description;
  const createdAt = properties.createdOn?.getTime();
  return Object.freeze({
    ref: pinnedRef(name),
    id: publicKey.id,
    label: name.key,
    algorithms: Object.freeze(checkedAlgorithms(description)),
    state,
    ...(isSuperseded ? { superseded: true } : {}),
    custody: custodyOf(description),
    ...(createdAt === undefined ? {} : { createdAt: Math.floor(createdAt / 1000) }),
    publicKey,
  });
}

/** What the kind of the key and its uses allow. Of a key that protects no more, what it did. */
function checkedAlgorithms(description: Description): readonly Algorithm[] {
  const { name, publicKey, operations, isCompromised, isSuperseded } = description;
  const { keyType, curve } = publicKey;
  const uses = isCompromised || isSuperseded ? withProtecting(operations) : operations;
  const names = algorithmsOf({ keyType, curve }, uses);
  if (names.length > 0) return names;
  throw new Failure('UNSUPPORTED', 'keys of this kind and use are not known here', {
    provider: 'azurekms',
    keyId: name.key,
    field: 'key_ops',
  });
}

/** What Key Vault says of where the key is. */
function custodyOf({ name, keyType, properties }: Description): Custody {
  const { exportable, managed, recoveryLevel, hsmPlatform } = properties;
  const facts = Object.freeze({
    service: 'Azure Key Vault',
    vault: name.vaultHost,
    keyType,
    hardware: keyType.endsWith('-HSM'),
    ...(hsmPlatform === undefined ? {} : { hsmPlatform }),
    ...(exportable === undefined ? {} : { exportable }),
    ...(managed === undefined ? {} : { managed }),
    ...(recoveryLevel === undefined ? {} : { recoveryLevel }),
  });
  return Object.freeze({ place: 'service', level: 'attributed', facts });
}

/** A key that calls Key Vault. */
export function keyOf(info: KeyInfo, description: Description, held: HeldKey, ready: () => void): Key {
  const guard: Guard = (purpose) => {
    ready();
    checkState(info, purpose);
    if (purpose === 'protect') checkDates(info, description);
  };
  return boundKey(info, held, guard, performer);
}

/**
 * Whether a version may still, or already, protect. What it protected can be read all the same: About Azure
 * Key Vault keys, "Date-time controlled operations". Throws `DENIED`.
 */
function checkDates({ ref }: KeyInfo, { properties }: Description): void {
  const { notBefore, expiresOn } = properties;
  const deny = (message: string, field: string): never => {
    throw new Failure('DENIED', message, { ref: String(ref), field });
  };
  if (notBefore !== undefined && notBefore.getTime() > Date.now())
    deny('the key is not valid yet', 'notBefore');
  if (expiresOn !== undefined && expiresOn.getTime() <= Date.now()) deny('the key has expired', 'expires');
}
