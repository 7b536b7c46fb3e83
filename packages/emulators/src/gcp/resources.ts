/**
 * Key rings, and reading and listing what is in them.
 *
 * @module
 */
import { keyMessage, ringMessage, versionMessage } from './messages.ts';
import { parseId, parseName } from './names.ts';
import { refuse } from './rules.ts';
import { addVersion, keyOf, ringOf, type Store, versionOf } from './store.ts';

const UNSPECIFIED = 'CRYPTO_KEY_VERSION_STATE_UNSPECIFIED';

/** Requests that name one thing. */
export interface NamedRequest {
  readonly name?: string;
}

/** `ListKeyRingsRequest` and its like. */
export interface ListRequest {
  readonly parent?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly filter?: string;
  readonly orderBy?: string;
}

/** `CreateKeyRing`. */
export function createKeyRing(
  store: Store,
  request: { readonly parent?: string; readonly keyRingId?: string },
): object {
  const name = `${parseName('location', request.parent)}/keyRings/${parseId(request.keyRingId)}`;
  if (store.rings.has(name)) throw refuse('id in use', `KeyRing ${name} already exists.`);
  const ring = { name, created: store.clock.now() };
  store.rings.set(name, ring);
  return ringMessage(ring);
}

/** `GetKeyRing`. */
export function getKeyRing(store: Store, { name }: NamedRequest): object {
  return ringMessage(ringOf(store, name));
}

/** `ListKeyRings`. */
export function listKeyRings(store: Store, request: ListRequest): object {
  const prefix = `${parseName('location', request.parent)}/keyRings/`;
  const all = [...store.rings.values()].filter(({ name }) => name.startsWith(prefix));
  return page('keyRings', all.map(ringMessage), request);
}

/** `GetCryptoKey`. */
export async function getCryptoKey(store: Store, { name }: NamedRequest): Promise<object> {
  return keyMessage(await keyOf(store, name));
}

/** `ListCryptoKeys`. */
export async function listCryptoKeys(store: Store, request: ListRequest): Promise<object> {
  const prefix = `${ringOf(store, request.parent).name}/cryptoKeys/`;
  const names = [...store.keys.keys()].filter((name) => name.startsWith(prefix));
  const keys = await Promise.all(names.map((name) => keyOf(store, name)));
  return page('cryptoKeys', keys.map(keyMessage), request);
}

/** `CreateCryptoKeyVersion`: enabled, unless it is asked for disabled. */
export async function createCryptoKeyVersion(
  store: Store,
  request: { readonly parent?: string; readonly cryptoKeyVersion?: { readonly state?: string } | null },
): Promise<object> {
  const key = await keyOf(store, request.parent);
  const state = request.cryptoKeyVersion?.state || UNSPECIFIED;
  if (![UNSPECIFIED, 'ENABLED', 'DISABLED'].includes(state))
    throw refuse('state that cannot be set', `a new version cannot be ${state}.`);
  const version = await addVersion(store, key);
  if (state === 'DISABLED') version.state = state;
  return versionMessage(key, version);
}

/** `GetCryptoKeyVersion`. */
export async function getCryptoKeyVersion(store: Store, { name }: NamedRequest): Promise<object> {
  const { key, version } = await versionOf(store, name);
  return versionMessage(key, version);
}

/** `ListCryptoKeyVersions`. */
export async function listCryptoKeyVersions(store: Store, request: ListRequest): Promise<object> {
  const key = await keyOf(store, request.parent);
  const all = key.versions.map((version) => versionMessage(key, version));
  return page('cryptoKeyVersions', all, request);
}

function page(field: string, all: readonly object[], request: ListRequest): object {
  if (request.filter || request.orderBy)
    throw refuse('not in this emulator', 'filter and order_by are not emulated');
  const from = Number(request.pageToken || 0);
  const { pageSize = 0 } = request;
  if (pageSize < 0 || !Number.isInteger(from) || from < 0 || from > all.length)
    throw refuse('page that is none', 'page_size is not negative, and page_token is of a page before.');
  const end = from + (pageSize || all.length);
  const nextPageToken = end < all.length ? String(end) : '';
  return { [field]: all.slice(from, end), nextPageToken, totalSize: all.length };
}
