/**
 * What changes keys and versions that are there: updates, the primary version, destruction and its reversal.
 *
 * @module
 */

import { type KeyFields, labelsOf, rotationOf, templateOf } from './creation.ts';
import { keyMessage, versionMessage } from './messages.ts';
import type { NamedRequest } from './resources.ts';
import { refuse } from './rules.ts';
import { type Key, keyOf, type Store, versionOf } from './store.ts';

/** `google.protobuf.FieldMask`. */
type FieldMask = { readonly paths?: readonly string[] } | null;

const KEY_FIELDS = [
  'labels',
  'rotation_period',
  'next_rotation_time',
  'version_template.algorithm',
  'version_template',
];

/** `UpdateCryptoKey`. */
export async function updateCryptoKey(
  store: Store,
  request: { readonly cryptoKey?: KeyFields | null; readonly updateMask?: FieldMask },
): Promise<object> {
  const fields = request.cryptoKey ?? {};
  const key = await keyOf(store, fields.name);
  const paths = pathsOf(request.updateMask, KEY_FIELDS);
  if (paths.includes('labels')) key.labels = labelsOf(fields);
  if (paths.some((path) => path.startsWith('version_template')))
    key.algorithm = templateOf(key.purpose, withProtection(fields, key)).algorithm;
  if (paths.some((path) => path.includes('rotation'))) updateRotation(key, fields, paths);
  return keyMessage(key);
}

function withProtection({ versionTemplate }: KeyFields, { protection }: Key): KeyFields {
  return { versionTemplate: { ...versionTemplate, protectionLevel: protection } };
}

/** What the mask does not name stays, and counts when the whole is checked. */
function updateRotation(key: Key, fields: KeyFields, paths: readonly string[]): void {
  const named = (path: string, field: keyof KeyFields, now: object) =>
    paths.includes(path) ? { [field]: fields[field] ?? null } : now;
  const { rotationPeriod, nextRotationTime } = keyMessage(key) as KeyFields;
  const next = rotationOf(key.purpose, {
    ...named('rotation_period', 'rotationPeriod', { rotationPeriod }),
    ...named('next_rotation_time', 'nextRotationTime', { nextRotationTime }),
  });
  key.rotationMs = next.rotationMs;
  key.nextRotation = next.nextRotation;
}

/** `UpdateCryptoKeyVersion`: between enabled and disabled. */
export async function updateCryptoKeyVersion(
  store: Store,
  request: {
    readonly cryptoKeyVersion?: { readonly name?: string; readonly state?: string } | null;
    readonly updateMask?: FieldMask;
  },
): Promise<object> {
  const { key, version } = await versionOf(store, request.cryptoKeyVersion?.name);
  pathsOf(request.updateMask, ['state']);
  const state = request.cryptoKeyVersion?.state;
  if (state !== 'ENABLED' && state !== 'DISABLED')
    throw refuse('state that cannot be set', `the state ${state} cannot be set.`);
  if (version.state !== 'ENABLED' && version.state !== 'DISABLED')
    throw refuse(
      'version not enabled',
      `${version.name} is not enabled, current state is: ${version.state}.`,
    );
  version.state = state;
  return versionMessage(key, version);
}

function pathsOf(mask: FieldMask | undefined, allowed: readonly string[]): readonly string[] {
  const paths = mask?.paths ?? [];
  if (paths.length === 0) throw refuse('no field to update', 'update_mask is required.');
  const other = paths.find((path) => !allowed.includes(path));
  if (other !== undefined) throw refuse('field that cannot change', `the field ${other} cannot be updated.`);
  return paths;
}

/** `UpdateCryptoKeyPrimaryVersion`. */
export async function updateCryptoKeyPrimaryVersion(
  store: Store,
  request: { readonly name?: string; readonly cryptoKeyVersionId?: string },
): Promise<object> {
  const key = await keyOf(store, request.name);
  if (key.purpose !== 'ENCRYPT_DECRYPT')
    throw refuse('primary of another purpose', `keys for ${key.purpose} have no primary version.`);
  const { version } = await versionOf(store, `${key.name}/cryptoKeyVersions/${request.cryptoKeyVersionId}`);
  key.primary = version.id;
  return keyMessage(key);
}

/** `DestroyCryptoKeyVersion`: after the key's duration it happens. */
export async function destroyCryptoKeyVersion(store: Store, { name }: NamedRequest): Promise<object> {
  const { key, version } = await versionOf(store, name);
  if (version.state !== 'ENABLED' && version.state !== 'DISABLED')
    throw refuse(
      'destroyed twice',
      `${version.name} cannot be destroyed, current state is: ${version.state}.`,
    );
  version.state = 'DESTROY_SCHEDULED';
  version.destroyAt = store.clock.now() + key.destroyMs;
  return versionMessage(key, version);
}

/** `RestoreCryptoKeyVersion`: the version is disabled then. */
export async function restoreCryptoKeyVersion(store: Store, { name }: NamedRequest): Promise<object> {
  const { key, version } = await versionOf(store, name);
  if (version.state !== 'DESTROY_SCHEDULED')
    throw refuse(
      'restored without being scheduled',
      `${version.name} cannot be restored, current state is: ${version.state}.`,
    );
  version.state = 'DISABLED';
  version.destroyAt = undefined;
  return versionMessage(key, version);
}
