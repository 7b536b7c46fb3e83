/**
 * Keys come, change their state, and go.
 *
 * @module
 */
import type { KeyState } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { AzureKeyName } from '../../core/refs/azure.ts';
import { Failure, type FailureDetails, invalid, isFailure } from '../../errors.ts';
import { versionOf } from './address.ts';
import { type Making, withoutProtecting, withProtecting } from './algorithms.ts';
import type { CallingOptions, KeyClient, VaultKey } from './calls.ts';
import type { Service } from './client.ts';
import type { Settings } from './config.ts';
import type { Description } from './describe.ts';
import { anotherKey, notAnswered } from './failures.ts';
import { NAME_TAG, withMarks } from './tags.ts';

/** Where keys are made and changed. */
export interface Place {
  readonly service: Service;
  readonly settings: Settings;
  readonly details: FailureDetails;
}

/** Makes a key under a name that is free. Key Vault itself would make another version of a key that exists. */
export async function addKey(
  place: Place,
  { vaultHost, key, version }: AzureKeyName,
  { keyType, options: making }: Making,
  options: CallOptions,
): Promise<VaultKey> {
  const { service, settings, details } = place;
  if (version !== undefined)
    throw invalid('Key Vault itself names the version of a new key', 'azurekms.version');
  if (await isThere(place, vaultHost, key, options)) {
    throw new Failure('KEY_EXISTS', 'the vault has a key of this name', details);
  }
  const kind = settings.hardware ? `${keyType}-HSM` : keyType;
  const tags = { ...settings.tags, [NAME_TAG]: key };
  const keyOps = [...making.keyOps];
  return service.call(
    vaultHost,
    'create',
    (client, how) => client.createKey(key, kind, { ...how, ...making, keyOps, tags }),
    options,
    details,
  );
}

async function isThere(
  { service, details }: Place,
  vaultHost: string,
  key: string,
  options: CallOptions,
): Promise<boolean> {
  try {
    await service.call(vaultHost, 'get', (client, how) => client.getKey(key, how), options, details);
    return true;
  } catch (error) {
    if (isFailure(error, 'KEY_NOT_FOUND')) return false;
    throw error;
  }
}

/**
 * Disables a version or enables it. Key Vault has no state for a compromised one, which still opens what was
 * made for it: a tag says so, and the service itself lets it protect nothing any more.
 */
export async function setKeyState(
  place: Place,
  description: Description,
  state: Exclude<KeyState, 'destroyed'>,
  options: CallOptions,
): Promise<void> {
  checkOwn(place, description);
  const { operations, isCompromised, isSuperseded, tags } = description;
  if (state === 'suspended') await change(place, description, { enabled: false }, options);
  else if (state === 'compromised') await mark(place, description, { isCompromised: true }, options);
  else if (!isCompromised) await change(place, description, { enabled: true }, options);
  else {
    const keyOps = [...(isSuperseded ? operations : withProtecting(operations))];
    const changes = { enabled: true, keyOps, tags: withMarks(tags, { isSuperseded }) };
    await change(place, description, changes, options);
  }
}

/** Lets a version protect nothing any more, and says why. */
export async function mark(
  place: Place,
  description: Description,
  why: { readonly isCompromised: true } | { readonly isSuperseded: true },
  options: CallOptions,
): Promise<void> {
  const { operations, isCompromised, isSuperseded } = description;
  const keyOps = [...withoutProtecting(operations)];
  const tags = withMarks(description.tags, { isCompromised, isSuperseded, ...why });
  const enabled = 'isCompromised' in why ? { enabled: true } : {};
  await change(place, description, { ...enabled, keyOps, tags }, options);
}

/** What of a version can be changed. */
interface Change {
  readonly enabled?: boolean;
  readonly keyOps?: string[];
  readonly tags?: Record<string, string>;
}

/** Changes a version. Who believes that it is disabled, or protects no more, must not be wrong. */
export async function change(
  { service, details }: Place,
  { name }: Pick<Description, 'name'>,
  changes: Change,
  options: CallOptions,
): Promise<VaultKey> {
  const { vaultHost, key, version } = name;
  const changed = await service.call(
    vaultHost,
    'update',
    (client, how) => client.updateKeyProperties(key, version, { ...how, ...changes }),
    options,
    details,
  );
  const { id, properties, keyOperations = [] } = changed;
  const about = { ...details, operation: 'update' };
  if (id === undefined) throw notAnswered(about);
  if (versionOf(id, name) === undefined) throw anotherKey(about);
  const { enabled = properties?.enabled, keyOps = keyOperations } = changes;
  if (properties?.enabled === enabled && keyOperations.every((one) => keyOps.includes(one))) return changed;
  throw new Failure('UNAVAILABLE', 'the version is not as it was asked to be', { ...about, field: 'state' });
}

/** Deletes a key with all its versions. It can be recovered as long as the vault says, and has its name so long. */
export async function destroyKey(
  place: Place,
  address: AzureKeyName,
  description: Description,
  options: CallOptions,
): Promise<void> {
  const { service, details } = place;
  if (address.version !== undefined) {
    const message = 'Key Vault deletes a key with all its versions: name it without one';
    throw new Failure('UNSUPPORTED', message, { ...details, field: 'azurekms.version' });
  }
  checkOwn(place, description);
  const { vaultHost, key } = address;
  const act = (client: KeyClient, how: CallingOptions): Promise<unknown> => client.beginDeleteKey(key, how);
  try {
    await service.call(vaultHost, 'delete', act, options, details);
  } catch (error) {
    // When the key is deleted the SDK asks for it, and what becomes of that says nothing of the deletion.
    const isOutage = isFailure(error, 'UNAVAILABLE') || isFailure(error, 'OVERLOADED');
    if (!isOutage || (await isThere(place, vaultHost, key, options).catch(() => true))) throw error;
  }
}

/** Whether the key was made here, or others' may be changed. Throws `DENIED`. */
export function checkOwn({ settings, details }: Place, { isOurs }: { readonly isOurs: boolean }): void {
  if (settings.allowForeign || isOurs) return;
  const message = `the key was not made here: it has no tag ${NAME_TAG}`;
  throw new Failure('DENIED', message, { ...details, field: 'azurekms.allowForeign' });
}
