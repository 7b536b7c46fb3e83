/**
 * What keys look like in answers.
 *
 * @module
 */
import { createPublicKey } from 'node:crypto';
import { curveOf } from './keys.ts';
import { type DeletedKey, type KeyVersion, RECOVERABLE_DAYS, type VaultKey } from './store.ts';

/** `KeyBundle` of a version; `host` is where the vault was asked, which every id names. */
export function keyBundle(host: string, { name }: VaultKey, version: KeyVersion): object {
  return {
    key: {
      kid: keyId(host, name, version.id),
      kty: version.type,
      key_ops: version.operations,
      ...publicOf(version),
    },
    attributes: attributesOf(version),
    ...(version.tags && { tags: version.tags }),
  };
}

/** `KeyBundle` of the newest version. */
export function newestBundle(host: string, key: VaultKey): object {
  const newest = key.versions.at(-1);
  if (!newest) throw new Error(`the key ${key.name} has no version`);
  return keyBundle(host, key, newest);
}

/** `KeyItem`: a key in a list, without a version, or a version in a list. */
export function keyItem(host: string, { name }: VaultKey, version: KeyVersion, id?: string): object {
  return {
    kid: keyId(host, name, id),
    attributes: attributesOf(version),
    ...(version.tags && { tags: version.tags }),
  };
}

/** `DeletedKeyBundle`. */
export function deletedBundle(host: string, deleted: DeletedKey): object {
  return { ...newestBundle(host, deleted.key), ...deletionOf(host, deleted) };
}

/** `DeletedKeyItem`. */
export function deletedItem(host: string, deleted: DeletedKey): object {
  const newest = deleted.key.versions.at(-1);
  if (!newest) throw new Error(`the key ${deleted.key.name} has no version`);
  return { ...keyItem(host, deleted.key, newest), ...deletionOf(host, deleted) };
}

/** `https://{vault}/keys/{name}/{version}`. */
export function keyId(host: string, name: string, version?: string): string {
  return `https://${host}/keys/${name}${version === undefined ? '' : `/${version}`}`;
}

function deletionOf(host: string, { key, deleted, purged }: DeletedKey): object {
  return {
    recoveryId: `https://${host}/deletedkeys/${key.name}`,
    deletedDate: deleted,
    scheduledPurgeDate: purged,
  };
}

function attributesOf({ attributes, created, updated }: KeyVersion): object {
  return {
    ...attributes,
    created,
    updated,
    recoveryLevel: 'Recoverable+Purgeable',
    recoverableDays: RECOVERABLE_DAYS,
    exportable: false,
  };
}

function publicOf({ material, type }: KeyVersion): object {
  const { x, y, n, e } = createPublicKey(material).export({ format: 'jwk' });
  return type.startsWith('EC') ? { crv: curveOf(material), x, y } : { n, e };
}
