/**
 * Keys come, change their state, and go.
 *
 * @module
 */
import type { KeyState } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import { sleep } from '../../core/policy/sleep.ts';
import { Failure, type FailureDetails, invalid } from '../../errors.ts';
import { type Address, numberOf, versionName } from './address.ts';
import type { Making } from './algorithms.ts';
import type { CryptoKeyVersion } from './calls.ts';
import type { Service } from './client.ts';
import type { Settings } from './config.ts';
import type { Description } from './describe.ts';
import { anotherKey } from './failures.ts';
import { MADE_HERE, markKey } from './labels.ts';
import { nameOf, stateOf } from './versions.ts';

/** Where keys are made and changed. */
export interface Place {
  readonly service: Service;
  readonly settings: Settings;
  readonly address: Address;
  readonly details: FailureDetails;
}

const DAY_SECONDS = 86_400;

/** Makes a key with its first version. Resolves with the name of that, once it can be used. */
export async function makeKey(place: Place, making: Making, options: CallOptions): Promise<string> {
  const { service, settings, address, details } = place;
  if (address.version !== undefined) throw invalid('Cloud KMS numbers the versions itself', 'gcpkms.version');
  const { purpose, algorithm, hsmOnly } = making;
  const protectionLevel = hsmOnly ? 'HSM' : settings.protectionLevel;
  const request = {
    parent: address.ringName,
    cryptoKeyId: address.key,
    cryptoKey: {
      purpose,
      versionTemplate: { protectionLevel, algorithm },
      labels: { ...settings.labels, [MADE_HERE]: 'made-here' },
      destroyScheduledDuration: { seconds: settings.deletionDays * DAY_SECONDS },
    },
  };
  await service.call('createCryptoKey', request, options, details);
  return untilMade(place, versionName(address.keyName, '1'), options);
}

/** How often a version is looked at that is being made, and how long at most: an HSM takes some seconds. */
const WAIT_MS = { first: 50, most: 1000, all: 120_000 };

/** Waits until the key of a version was made. Resolves with the name of the version. */
export async function untilMade(
  { service, details }: Place,
  name: string,
  options: CallOptions,
): Promise<string> {
  const end = Math.min(performance.now() + WAIT_MS.all, options.deadline ?? Number.POSITIVE_INFINITY);
  for (let waitMs = WAIT_MS.first; ; waitMs = Math.min(2 * waitMs, WAIT_MS.most)) {
    const version = await service.call('getCryptoKeyVersion', { name }, options, details);
    if (version.state !== 'PENDING_GENERATION' || performance.now() + waitMs >= end) {
      stateOf(version, details);
      return name;
    }
    await sleep(waitMs, options.signal);
  }
}

/** Disables a version or enables it. Cloud KMS has no state for a compromised one: a label says so. */
export async function setKeyState(
  place: Place,
  { name, marks }: Description,
  state: Exclude<KeyState, 'destroyed'>,
  options: CallOptions,
): Promise<void> {
  const { service, address, details } = place;
  const number = numberOf(name);
  const compromised = new Set(marks.compromised);
  if (state === 'compromised') compromised.add(number);
  if (state === 'active') compromised.delete(number);
  // Or the key without a version would mean an earlier one, as soon as this one is disabled.
  const stays = address.version === undefined && state !== 'active' && marks.current < BigInt(number);
  if (stays || compromised.size !== marks.compromised.size) {
    const change = { compromised, ...(stays ? { current: number } : {}) };
    await markKey(place, address.keyName, change, options);
  }
  const cryptoKeyVersion = { name, state: state === 'suspended' ? 'DISABLED' : 'ENABLED' } as const;
  const request = { cryptoKeyVersion, updateMask: { paths: ['state'] } };
  const changed = await service.call('updateCryptoKeyVersion', request, options, details);
  checkChanged(changed, name, [cryptoKeyVersion.state], details);
}

/** Schedules the destruction of the version that is named, or of every one that is left. */
export async function destroyKey(
  { service, address, details }: Place,
  { name }: Description,
  options: CallOptions,
): Promise<void> {
  const doomed =
    address.version === undefined
      ? (await service.listAll('listCryptoKeyVersions', address.keyName, options, details))
          .filter(isDestroyable)
          .map((version) => nameOf(version, address.keyName, details))
      : [name];
  for (const one of doomed) {
    const changed = await service.call('destroyCryptoKeyVersion', { name: one }, options, details);
    checkChanged(changed, one, ['DESTROY_SCHEDULED', 'DESTROYED'], details);
  }
}

/** Whether the version is in the state that was asked for. Who believes that a key is disabled must not be wrong. */
function checkChanged(
  { name, state }: CryptoKeyVersion,
  asked: string,
  states: readonly string[],
  details: FailureDetails,
): void {
  if (name !== asked) throw anotherKey(name, details);
  if (states.includes(String(state))) return;
  const message = 'the version is not in the state that was asked for';
  throw new Failure('UNAVAILABLE', message, { ...details, field: 'state' });
}

/** What cannot be disabled cannot be destroyed either: its key never was, or is not yet. */
function isDestroyable(version: CryptoKeyVersion): boolean {
  return version.state === 'ENABLED' || version.state === 'DISABLED';
}

/** Whether the key was made here, or others' may be changed. Throws `DENIED`. */
export function checkOwn({ settings, details }: Place, { marks }: Description): void {
  if (settings.allowForeign || marks.isMadeHere) return;
  const message = `the key was not made here: it has no label ${MADE_HERE}`;
  throw new Failure('DENIED', message, { ...details, field: 'gcpkms.allowForeign' });
}
