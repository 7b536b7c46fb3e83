/**
 * The operations of a vault: where each is asked, which action it takes, what it does.
 *
 * @module
 */
import { allow, decrypt, encrypt, isSignature, type Operation, sign } from './cryptography.ts';
import { type Fields, parseFields } from './fields.ts';
import { attributesOf, createKey, importKey, operationsOf, rotateKey } from './keys.ts';
import { deletedBundle, deletedItem, keyBundle, keyId, keyItem, newestBundle } from './messages.ts';
import { AzureRefusal } from './rules.ts';
import {
  deletedKeyOf,
  deletedKeys,
  type KeyVersion,
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

/** An operation: its name for faults, its route, the action of its permission, what it does. */
export interface VaultOperation {
  readonly name: string;
  readonly verb: string;
  readonly path: RegExp;
  readonly action: string;
  /** The status of the answer, 200 when not given. */
  readonly status?: number;
  run(request: VaultRequest): object | Promise<object>;
}

const KEY = '/keys/(?<name>[^/]+)';
const VERSIONED = `${KEY}(?:/(?<version>[0-9a-f]{32}))?`;
const DELETED = '/deletedkeys/(?<name>[^/]+)';

const DAY = 86_400;

/** The operations, of which the first whose route fits is meant. */
export const OPERATIONS: readonly VaultOperation[] = [
  operation('createKey', 'POST', `${KEY}/create`, 'keys/create/action', async (request) =>
    newestBundle(request.host, await createKey(request.vault, request.name, parseFields(request.body))),
  ),
  operation('rotateKey', 'POST', `${KEY}/rotate`, 'keys/rotate/action', async (request) =>
    newestBundle(request.host, await rotateKey(request.vault, request.name)),
  ),
  operation('importKey', 'PUT', KEY, 'keys/import/action', (request) =>
    newestBundle(request.host, importKey(request.vault, request.name, parseFields(request.body))),
  ),
  operation('getKeyVersions', 'GET', `${KEY}/versions`, 'keys/read', getKeyVersions),
  operation('getKeyRotationPolicy', 'GET', `${KEY}/rotationpolicy`, 'keyrotationpolicies/read', getPolicy),
  operation(
    'updateKeyRotationPolicy',
    'PUT',
    `${KEY}/rotationpolicy`,
    'keyrotationpolicies/write',
    putPolicy,
  ),
  operation('getKeys', 'GET', '/keys', 'keys/read', getKeys),
  operation('getKey', 'GET', VERSIONED, 'keys/read', ({ vault, host, name, version }) =>
    keyBundle(host, keyOf(vault, name), versionOf(vault, name, version)),
  ),
  operation('updateKey', 'PATCH', VERSIONED, 'keys/update/action', updateKey),
  operation('deleteKey', 'DELETE', KEY, 'keys/delete', deleteKey),
  operation('getDeletedKeys', 'GET', '/deletedkeys', 'keys/read', getDeletedKeys),
  operation('getDeletedKey', 'GET', DELETED, 'keys/read', ({ vault, host, name }) =>
    deletedBundle(host, deletedKeyOf(vault, name)),
  ),
  operation('recoverDeletedKey', 'POST', `${DELETED}/recover`, 'keys/recover/action', recoverKey),
  { ...operation('purgeDeletedKey', 'DELETE', DELETED, 'keys/purge/action', purgeKey), status: 204 },
  using('sign', 'sign', (version, fields) => ({ value: sign(version, fields).toString('base64url') })),
  using('verify', 'verify', (version, fields) => ({ value: isSignature(version, fields) })),
  using('encrypt', 'encrypt', (version, fields) => ({
    value: encrypt(version, fields).toString('base64url'),
  })),
  using('decrypt', 'decrypt', (version, fields) => ({
    value: decrypt(version, fields).toString('base64url'),
  })),
  using('wrapKey', 'wrap', (version, fields) => ({ value: encrypt(version, fields).toString('base64url') })),
  using('unwrapKey', 'unwrap', (version, fields) => ({
    value: decrypt(version, fields).toString('base64url'),
  })),
];

function operation(
  name: string,
  verb: string,
  path: string,
  action: string,
  run: VaultOperation['run'],
): VaultOperation {
  return { name, verb, action, run, path: new RegExp(`^${path}$`) };
}

/** An operation that uses a key: allowed by its role, then by the key itself. */
function using(
  name: Operation,
  action: string,
  run: (version: KeyVersion, fields: Fields) => { readonly value: string | boolean },
): VaultOperation {
  const path = `${VERSIONED}/${name.toLowerCase()}`;
  return operation(name, 'POST', path, `keys/${action}/action`, ({ vault, host, ...request }) => {
    const version = versionOf(vault, request.name, request.version);
    allow(vault, version, name);
    const answer = run(version, parseFields(request.body));
    // Verify answers a value alone.
    return name === 'verify' ? answer : { kid: keyId(host, request.name, version.id), ...answer };
  });
}

function updateKey({ vault, host, name, version: id, body }: VaultRequest): object {
  const version = versionOf(vault, name, id);
  const fields = parseFields(body);
  if ('key_ops' in fields) version.operations = operationsOf(version.type, fields['key_ops']);
  if ('tags' in fields) version.tags = fields['tags'] as KeyVersion['tags'];
  version.attributes = attributesOf(fields, version.attributes);
  version.updated = secondsOf(vault);
  return keyBundle(host, keyOf(vault, name), version);
}

function getPolicy({ vault, host, name }: VaultRequest): object {
  const { rotationPolicy } = keyOf(vault, name);
  const none = {
    lifetimeActions: [{ trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Notify' } }],
    attributes: {},
  };
  return { id: `${keyId(host, name)}/rotationpolicy`, ...(rotationPolicy ?? none) };
}

function putPolicy(request: VaultRequest): object {
  const key = keyOf(request.vault, request.name);
  const { id: _, ...policy } = parseFields(request.body);
  key.rotationPolicy = policy;
  return getPolicy(request);
}

function deleteKey({ vault, host, name }: VaultRequest): object {
  const key = keyOf(vault, name);
  const now = secondsOf(vault);
  const deleted = { key, deleted: now, purged: now + RECOVERABLE_DAYS * DAY };
  vault.keys.delete(name.toLowerCase());
  vault.deleted.set(name.toLowerCase(), deleted);
  return deletedBundle(host, deleted);
}

function recoverKey({ vault, host, name }: VaultRequest): object {
  const { key } = deletedKeyOf(vault, name);
  vault.deleted.delete(name.toLowerCase());
  vault.keys.set(name.toLowerCase(), key);
  return newestBundle(host, key);
}

function purgeKey({ vault, name }: VaultRequest): object {
  deletedKeyOf(vault, name);
  vault.deleted.delete(name.toLowerCase());
  return {};
}

function getKeys(request: VaultRequest): object {
  const items = [...request.vault.keys.values()].flatMap((key) => {
    const newest = key.versions.at(-1);
    return newest ? [keyItem(request.host, key, newest)] : [];
  });
  return page(request, '/keys', items);
}

function getKeyVersions(request: VaultRequest): object {
  const key = keyOf(request.vault, request.name);
  const items = key.versions.map((version) => keyItem(request.host, key, version, version.id));
  return page(request, `/keys/${request.name}/versions`, items);
}

function getDeletedKeys(request: VaultRequest): object {
  const items = deletedKeys(request.vault).map((one) => deletedItem(request.host, one));
  return page(request, '/deletedkeys', items);
}

function page({ host, query }: VaultRequest, path: string, items: readonly object[]): object {
  const size = Number(query.get('maxresults') ?? 25);
  if (!(Number.isInteger(size) && size >= 1 && size <= 25))
    throw new AzureRefusal('size of page', "The value of 'maxresults' must be 1 to 25.");
  const from = Number(query.get('$skiptoken') ?? 0);
  const next = new URLSearchParams(query);
  next.set('$skiptoken', String(from + size));
  const more = from + size < items.length;
  return {
    value: items.slice(from, from + size),
    nextLink: more ? `https://${host}${path}?${next.toString()}` : null,
  };
}
