/**
 * What is done to keys and lists of them, apart from making and using them.
 *
 * @module
 */
import { parseFields } from './fields.ts';
import { attributesOf, operationsOf, tagsOf } from './keys.ts';
import { deletedBundle, deletedItem, keyBundle, keyItem, newestBundle } from './messages.ts';
import { AzureRefusal } from './rules.ts';
import {
  deletedKeyOf,
  deletedKeys,
  keyOf,
  RECOVERABLE_DAYS,
  secondsOf,
  type Vault,
  versionOf,
} from './store.ts';

/** A request for an operation, taken apart. */
export interface VaultRequest {
  readonly vault: Vault;
  /** Where the vault was asked, as `host:port`. */
  readonly host: string;
  readonly name: string;
  readonly version: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

const DAY = 86_400;

/** Update Key: attributes, operations and tags of a version. */
export function updateKey({ vault, host, name, version: id, body }: VaultRequest): object {
  const version = versionOf(vault, name, id);
  const fields = parseFields(body);
  if ('key_ops' in fields) version.operations = operationsOf(version.type, fields['key_ops']);
  if ('tags' in fields) version.tags = tagsOf(fields);
  version.attributes = attributesOf(fields, version.attributes);
  version.updated = secondsOf(vault);
  return keyBundle(host, keyOf(vault, name), version);
}

/** Delete Key: it is recoverable from then on. */
export function deleteKey({ vault, host, name }: VaultRequest): object {
  const key = keyOf(vault, name);
  const now = secondsOf(vault);
  const deleted = { key, deleted: now, purged: now + RECOVERABLE_DAYS * DAY };
  vault.keys.delete(name.toLowerCase());
  vault.deleted.set(name.toLowerCase(), deleted);
  return deletedBundle(host, deleted);
}

/** Recover Deleted Key. */
export function recoverKey({ vault, host, name }: VaultRequest): object {
  const { key } = deletedKeyOf(vault, name);
  vault.deleted.delete(name.toLowerCase());
  vault.keys.set(name.toLowerCase(), key);
  return newestBundle(host, key);
}

/** Purge Deleted Key. */
export function purgeKey({ vault, name }: VaultRequest): object {
  deletedKeyOf(vault, name);
  vault.deleted.delete(name.toLowerCase());
  return {};
}

/** Get Keys. */
export function getKeys(request: VaultRequest): object {
  const items = [...request.vault.keys.values()].flatMap((key) => {
    const newest = key.versions.at(-1);
    return newest ? [keyItem(request.host, key, newest)] : [];
  });
  return page(request, '/keys', items);
}

/** Get Key Versions. */
export function getKeyVersions(request: VaultRequest): object {
  const key = keyOf(request.vault, request.name);
  const items = key.versions.map((version) => keyItem(request.host, key, version, version.id));
  return page(request, `/keys/${request.name}/versions`, items);
}

/** Get Deleted Keys. */
export function getDeletedKeys(request: VaultRequest): object {
  const items = deletedKeys(request.vault).map((one) => deletedItem(request.host, one));
  return page(request, '/deletedkeys', items);
}

function page({ host, query }: VaultRequest, path: string, items: readonly object[]): object {
  const size = Number(query.get('maxresults') ?? 25);
  if (!(Number.isInteger(size) && size >= 1 && size <= 25))
    throw new AzureRefusal('size of page', "The value of 'maxresults' must be 1 to 25.");
  const from = Number(query.get('$skiptoken') ?? 0);
  if (!(Number.isInteger(from) && from >= 0))
    throw new AzureRefusal('page that is none', "The value of '$skiptoken' is of no page before.");
  const next = new URLSearchParams(query);
  next.set('$skiptoken', String(from + size));
  const more = from + size < items.length;
  return {
    value: items.slice(from, from + size),
    nextLink: more ? `https://${host}${path}?${next.toString()}` : null,
  };
}
