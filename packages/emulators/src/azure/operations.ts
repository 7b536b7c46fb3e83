/**
 * The operations of a vault: where each is asked, which action it takes, what it does.
 *
 * @module
 */
import { allow, decrypt, encrypt, isSignature, type Operation, sign } from './cryptography.ts';
import { type Fields, parseFields } from './fields.ts';
import { createKey, importKey, rotateKey } from './keys.ts';
import { deletedBundle, keyBundle, keyId, newestBundle } from './messages.ts';
import { getPolicy, putPolicy } from './rotation-policy.ts';
import { deletedKeyOf, type KeyVersion, keyOf, versionOf } from './store.ts';
import {
  deleteKey,
  getDeletedKeys,
  getKeys,
  getKeyVersions,
  purgeKey,
  recoverKey,
  updateKey,
  type VaultRequest,
} from './upkeep.ts';

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
