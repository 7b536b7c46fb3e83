/**
 * Keys come, change their state, and go.
 *
 * @module
 */
import type { KeyState } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { AwsKeyName } from '../../core/refs/aws.ts';
import { Failure, type FailureDetails, invalid, isFailure } from '../../errors.ts';
import { aliasOf } from './address.ts';
import type { Input } from './calls.ts';
import type { Service } from './client.ts';
import type { Settings } from './config.ts';
import type { Description } from './describe.ts';
import { notAnswered } from './failures.ts';
import { ALIAS_TAG, isTagged, type Mark, newDescription, STATE_TAG, withMark } from './marks.ts';
import { pagesOf } from './pages.ts';

/** Where keys are made and changed. */
export interface Place {
  readonly service: Service;
  readonly settings: Settings;
  readonly details: FailureDetails;
}

/** What a key is made as, beside what is noted on it. */
export type Making = Omit<Input<'CreateKey'>, 'Tags' | 'Description'>;

/** The alias that a new key gets. Throws `ARGUMENT_INVALID` for a name that only KMS gives. */
export function newAlias(address: AwsKeyName): string {
  const alias = aliasOf(address);
  if (alias === undefined) throw invalid('a new key is named by its alias: alias/NAME', 'awskms.key');
  if (alias.startsWith('aws/')) throw invalid('aliases that begin with aws/ are of AWS', 'awskms.key');
  return alias;
}

/** Makes a key with our tags, without an alias. Resolves with its ARN. */
export async function makeKey(
  { service, settings, details }: Place,
  alias: string,
  making: Making,
  options: CallOptions,
): Promise<string> {
  const tags = { ...settings.tags, [ALIAS_TAG]: alias };
  const Tags = Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
  const input = { ...making, Tags, Description: newDescription(alias) };
  const { KeyMetadata } = await service.call('CreateKey', input, options, details);
  if (KeyMetadata?.Arn === undefined) throw notAnswered({ ...details, operation: 'CreateKey' });
  return KeyMetadata.Arn;
}

/**
 * Makes a key under an alias that is free, finishes it, and gives it the alias. A key that does not get so
 * far is deleted again: nobody would find it, and it would be paid for.
 */
export async function addKey(
  place: Place,
  alias: string,
  making: Making,
  finish: (arn: string) => Promise<void>,
  options: CallOptions,
): Promise<string> {
  const { service, details } = place;
  const AliasName = `alias/${alias}`;
  if (await exists(place, AliasName, options)) throw new Failure('KEY_EXISTS', 'the alias is taken', details);
  const arn = await makeKey(place, alias, making, options);
  const complete = async (): Promise<void> => {
    await finish(arn);
    await service.call('CreateAlias', { AliasName, TargetKeyId: arn }, options, details);
  };
  return orDeleted(place, arn, complete, () => dropAliases(place, arn, {}));
}

/**
 * Does what completes a new key, or deletes the key. What may have happened, though nobody was told, is undone
 * before that: no alias is left with a key that is deleted.
 */
export async function orDeleted(
  { service, details }: Place,
  arn: string,
  act: () => Promise<void>,
  undo: () => Promise<void>,
): Promise<string> {
  try {
    await act();
    return arn;
  } catch (error) {
    // Without the limits of the call: they may be why it failed.
    const soon = { KeyId: arn, PendingWindowInDays: 7 };
    await (isRefusal(error) ? Promise.resolve() : undo())
      .then(() => service.call('ScheduleKeyDeletion', soon, {}, details))
      .catch(() => undefined);
    throw error;
  }
}

/** Whether the service said no. Of a call that broke, or was ended, nobody knows what became. */
function isRefusal(error: unknown): boolean {
  return isFailure(error) && error.code !== 'UNAVAILABLE';
}

async function dropAliases(place: Place, arn: string, options: CallOptions): Promise<void> {
  const { service, details } = place;
  for (const AliasName of await aliasesOf(place, arn, options)) {
    await service.call('DeleteAlias', { AliasName }, options, details);
  }
}

async function exists({ service, details }: Place, alias: string, options: CallOptions): Promise<boolean> {
  try {
    await service.call('DescribeKey', { KeyId: alias }, options, details);
    return true;
  } catch (error) {
    if (isFailure(error, 'KEY_NOT_FOUND')) return false;
    // Who may create need not be able to look: CreateAlias refuses a name that is taken.
    if (isFailure(error, 'DENIED')) return false;
    throw error;
  }
}

/**
 * Disables a key or enables it. KMS has no state for a compromised one, which still opens what was made
 * for it: that is noted on the key.
 */
export async function setKeyState(
  place: Place,
  description: Description,
  state: Exclude<KeyState, 'destroyed'>,
  options: CallOptions,
): Promise<void> {
  const { service, details } = place;
  const { arn: KeyId, mark, madeFor } = description;
  await checkOwn(place, KeyId, options);
  if (state === 'suspended') {
    await service.call('DisableKey', { KeyId }, options, details);
    return;
  }
  if (state === 'compromised') await markKey(place, description, state, options);
  else if (mark === 'compromised') {
    const isReplaced = madeFor !== undefined && (await leadsElsewhere(place, madeFor, KeyId, options));
    await markKey(place, description, isReplaced ? 'superseded' : undefined, options);
  }
  await service.call('EnableKey', { KeyId }, options, details);
}

/** Whether another key has the alias of one by now. */
async function leadsElsewhere(
  { service, details }: Place,
  alias: string,
  arn: string,
  options: CallOptions,
): Promise<boolean> {
  try {
    const named = { KeyId: `alias/${alias}` };
    const { KeyMetadata } = await service.call('DescribeKey', named, options, details);
    return KeyMetadata?.Arn !== arn;
  } catch (error) {
    if (isFailure(error, 'KEY_NOT_FOUND')) return false;
    throw error;
  }
}

/** Notes on a key what KMS has no state for, or takes the note away. */
export async function markKey(
  { service, details }: Place,
  { arn: KeyId, metadata }: Description,
  mark: Mark | undefined,
  options: CallOptions,
): Promise<void> {
  if (metadata === undefined) throw notDescribed(details);
  const noted = { KeyId, Description: withMark(metadata.Description ?? '', mark) };
  await service.call('UpdateKeyDescription', noted, options, details);
  if (mark === undefined) {
    await service.call('UntagResource', { KeyId, TagKeys: [STATE_TAG] }, options, details);
  } else {
    const Tags = [{ TagKey: STATE_TAG, TagValue: mark }];
    await service.call('TagResource', { KeyId, Tags }, options, details);
  }
}

/** Of a key that the caller may not describe, so that nothing can be noted on it. */
export function notDescribed(details: FailureDetails): Failure<'DENIED'> {
  return new Failure('DENIED', 'what the key is has to be known: kms:DescribeKey', details);
}

/** Schedules the deletion of a key, and takes its aliases away, so that nothing leads to it. */
export async function destroyKey(place: Place, arn: string, options: CallOptions): Promise<void> {
  const { service, settings, details } = place;
  await checkOwn(place, arn, options);
  const aliases = await aliasesOf(place, arn, options);
  const input = { KeyId: arn, PendingWindowInDays: settings.deletionDays };
  await service.call('ScheduleKeyDeletion', input, options, details);
  for (const AliasName of aliases) await service.call('DeleteAlias', { AliasName }, options, details);
}

/** The aliases of a key, with their prefix. */
export async function aliasesOf(
  { service, details }: Place,
  arn: string,
  options: CallOptions,
): Promise<readonly string[]> {
  const found: string[] = [];
  const pages = pagesOf(
    (page) => service.call('ListAliases', { KeyId: arn, ...page }, options, details),
    ({ Aliases }) => Aliases,
  );
  // ministack lists all of the account, whatever key is asked about.
  for await (const { AliasName, TargetKeyId } of pages) {
    if (AliasName !== undefined && TargetKeyId !== undefined && arn.endsWith(`/${TargetKeyId}`)) {
      found.push(AliasName);
    }
  }
  return found;
}

/** Whether the key was made here, or others' may be changed. Throws `DENIED`. */
export async function checkOwn(
  { service, settings, details }: Place,
  arn: string,
  options: CallOptions,
): Promise<void> {
  if (settings.allowForeign || (await isTagged(service, arn, options, details))) return;
  const message = `the key was not made here: it has no tag ${ALIAS_TAG}`;
  throw new Failure('DENIED', message, { ...details, field: 'awskms.allowForeign' });
}
