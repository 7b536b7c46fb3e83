/**
 * Rotation: other material in the same key where KMS has that, and otherwise another key under the alias.
 *
 * @module
 */
import { orSay } from '../../core/half-done.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { AwsKeyName } from '../../core/refs/aws.ts';
import { invalid, isFailure } from '../../errors.ts';
import { aliasOf, pinnedRef } from './address.ts';
import type { Description } from './describe.ts';
import { notAnswered } from './failures.ts';
import { aliasesOf, checkOwn, makeKey, markKey, notDescribed, orDeleted, type Place } from './lifecycle.ts';

/** Rotates a key. Resolves with the ARN of the one that is current now. */
export async function rotateKey(
  place: Place,
  address: AwsKeyName,
  before: Description,
  options: CallOptions,
): Promise<string> {
  const { arn, spec, usage, metadata } = before;
  const { service, details } = place;
  await checkOwn(place, arn, options);
  if (spec === 'SYMMETRIC_DEFAULT') {
    await service.call('RotateKeyOnDemand', { KeyId: arn }, options, details);
    return arn;
  }
  // Before anything is made: the key has to be marked in the end.
  if (metadata === undefined) throw notDescribed(details);
  const alias = aliasOf(address) ?? (await onlyAlias(place, arn, options));
  // The same people are to use it. KMS would give it the policy that lets the whole account.
  const { Policy } = await service.call('GetKeyPolicy', { KeyId: arn }, options, details);
  if (Policy === undefined) throw notAnswered({ ...details, operation: 'GetKeyPolicy' });
  const making = {
    KeySpec: spec,
    KeyUsage: usage,
    Policy,
    ...(metadata.MultiRegion === true ? { MultiRegion: true } : {}),
  } as const;
  const made = await makeKey(place, alias, making, options).catch((error: unknown) => {
    // Who rotates need not be one of those who may change the policy, and KMS asks for that unless it is told.
    if (!isFailure(error, 'ARGUMENT_INVALID') || error.details.field !== 'policy') throw error;
    return makeKey(place, alias, { ...making, BypassPolicyLockoutSafetyCheck: true }, options);
  });
  const AliasName = `alias/${alias}`;
  const move = async (TargetKeyId: string, how: CallOptions): Promise<void> => {
    await service.call('UpdateAlias', { AliasName, TargetKeyId }, how, details);
  };
  await orDeleted(
    place,
    made,
    () => move(made, options),
    () => move(arn, {}),
  );
  // One that is compromised makes nothing new either, and is to be known for what it is.
  if (before.mark === 'compromised') return made;
  const stand = `the alias leads to a new key, and ${String(pinnedRef(address, arn))} is to be suspended`;
  await orSay(stand, () => markKey(place, before, 'superseded', options));
  return made;
}

async function onlyAlias(place: Place, arn: string, options: CallOptions): Promise<string> {
  const [alias, ...others] = await aliasesOf(place, arn, options);
  if (alias !== undefined && others.length === 0) return alias.replace(/^alias\//, '');
  throw invalid('name the key by the alias that is to move to a new key', 'awskms.key');
}
