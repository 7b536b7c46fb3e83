/**
 * Rotation: other material in the same key where KMS has that, and otherwise another key under the alias.
 *
 * @module
 */
import { orSay } from '../../core/half-done.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { AwsKeyName } from '../../core/refs/aws.ts';
import { invalid } from '../../errors.ts';
import { aliasOf, pinnedRef } from './address.ts';
import type { Description } from './describe.ts';
import { notAnswered } from './failures.ts';
import { aliasesOf, checkOwn, makeKey, markKey, orDeleted, type Place } from './lifecycle.ts';

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
  const alias = aliasOf(address) ?? (await onlyAlias(place, arn, options));
  // The same people are to use it. KMS would give it the policy that lets the whole account.
  const { Policy } = await service.call('GetKeyPolicy', { KeyId: arn }, options, details);
  if (Policy === undefined) throw notAnswered({ ...details, operation: 'GetKeyPolicy' });
  const MultiRegion = metadata?.MultiRegion === true;
  const making = { KeySpec: spec, KeyUsage: usage, Policy, ...(MultiRegion ? { MultiRegion } : {}) };
  const made = await makeKey(place, alias, making, options);
  const moved = { AliasName: `alias/${alias}`, TargetKeyId: made };
  await orDeleted(place, made, async () => {
    await service.call('UpdateAlias', moved, options, details);
  });
  const stand = `the alias leads to a new key, and ${String(pinnedRef(address, arn))} is to be suspended`;
  await orSay(stand, () => markKey(place, before, 'superseded', options));
  return made;
}

async function onlyAlias(place: Place, arn: string, options: CallOptions): Promise<string> {
  const [alias, ...others] = await aliasesOf(place, arn, options);
  if (alias !== undefined && others.length === 0) return alias.replace(/^alias\//, '');
  throw invalid('name the key by the alias that is to move to a new key', 'awskms.key');
}
