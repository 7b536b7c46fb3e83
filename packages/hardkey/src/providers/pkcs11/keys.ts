/**
 * The keys of one token: opened, made, listed and removed by their references.
 *
 * @module
 */
import { type Algorithm, algorithm } from '../../core/algorithms.ts';
import { boundKey } from '../../core/bound-key.ts';
import type { Key, KeyInfo } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import { parsePkcs11Uri } from '../../core/refs/pkcs11.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import type { Address } from './address.ts';
import { mechanism, mechanismFor, rowOf } from './algorithms.ts';
import { CKA } from './attributes.ts';
import type { Client, Located } from './client.ts';
import { type NewName, newName } from './create.ts';
import { type FoundKey, findKey } from './find-key.ts';
import { heldKey } from './held-key.ts';
import { infoOf } from './info.ts';
import { classOf, findKeys, type TokenKey } from './objects.ts';
import { performer } from './operations.ts';

/** A token, and a reference to it or into it. */
export interface Place {
  readonly client: Client;
  readonly address: Address;
  readonly details: FailureDetails;
  /** Throws when the provider was closed. */
  readonly ready: () => void;
}

/** Opens the key that the address names. */
export async function openKey(place: Place, options: CallOptions): Promise<Key> {
  const { client, address, details, ready } = place;
  const found = await findKey(client, address, options, details);
  const info = await describe(place, found, options);
  const pinned = { ...address, uri: parsePkcs11Uri(info.ref.body) };
  const about = { ...details, ref: String(info.ref) };
  return boundKey(info, heldKey(client, pinned, found, info.publicKey, about), ready, performer);
}

/**
 * Makes a key under a name that is free, and opens it. Two that make one at the same time may both be
 * refused, since two keys of one name are none; so is a key that the token cannot use.
 */
export async function addKey(
  place: Place,
  { label: given, algorithm: wanted }: { readonly label?: string; readonly algorithm?: Algorithm },
  make: (name: NewName) => Promise<void>,
  options: CallOptions,
): Promise<Key> {
  const { client, address, details } = place;
  const { object: label, id, type } = address.uri;
  if (type === 'public')
    throw new Failure('ARGUMENT_INVALID', 'a new key is not only public', { field: 'pkcs11.type' });
  const name = newName(
    { ...(label === undefined ? {} : { label }), ...(id === undefined ? {} : { id }) },
    given,
  );
  const taken = id === undefined ? { label: name.label } : { label: name.label, id };
  const count = async (): Promise<number> => (await findKeys(client, taken, options, details)).keys.length;
  if ((await count()) > 0) throw exists(details);
  await make(name);
  const uri = { ...address.uri, object: name.label, id: name.id };
  const own = { ...place, address: { ...address, uri } };
  const refuse = async (failure: Failure): Promise<never> => {
    await removeKey(own, options);
    throw failure;
  };
  if ((await count()) > 1) return refuse(exists(details));
  const key = await openKey(own, options);
  if (wanted === undefined || key.algorithms.includes(wanted)) return key;
  return refuse(new Failure('UNSUPPORTED', 'the token cannot do this', { ...details, algorithm: wanted }));
}

/** Removes the key, and its public half with it. */
export async function removeKey({ client, address, details }: Place, options: CallOptions): Promise<void> {
  const { at, key } = await findKey(client, address, options, details);
  const { object, publicObject, kind } = key;
  const handles = kind === 'private' && publicObject !== undefined ? [object, publicObject] : [object];
  for (const { handle } of handles) {
    await client.call(
      ({ worker, token }) => {
        // A handle of another process is one of another object.
        if (worker !== at.worker) throw new Failure('UNAVAILABLE', 'the worker of the module ended', details);
        return { op: 'destroy', slot: token.slot, object: handle };
      },
      options,
      details,
    );
  }
}

/** All keys of a token, as they open. */
export async function listKeys(place: Place, options: CallOptions): Promise<readonly KeyInfo[]> {
  const { at, keys } = await findKeys(place.client, {}, options, place.details);
  const shown = keys.filter(({ kind }) => kind !== 'public' || !at.loggedIn);
  const infos: KeyInfo[] = [];
  for (const key of shown) {
    // One that has no name cannot be opened.
    if (key.label === undefined && key.id === undefined) continue;
    infos.push(await describe(place, { at, key: withType(key, shown) }, options));
  }
  return infos;
}

/** The type belongs to the reference where label and id are those of a key of another kind as well. */
function withType(key: TokenKey, all: readonly TokenKey[]): TokenKey {
  const { attributes } = key.object;
  const twin = all.find(
    ({ object, kind }) =>
      kind !== key.kind &&
      object.attributes[CKA.LABEL] === attributes[CKA.LABEL] &&
      object.attributes[CKA.ID] === attributes[CKA.ID],
  );
  return twin === undefined ? key : { ...key, type: classOf(key.kind) };
}

function describe(
  { client, address, details }: Place,
  { at, key }: FoundKey,
  options: CallOptions,
): Promise<KeyInfo> {
  return infoOf(address, at, key, (name, one) => isAble(client, at, name, one, options, details));
}

/** Of tokens that were asked before: whether they do OAEP with SHA-256. */
const ableToOpen = new WeakMap<Located, boolean>();

/**
 * Whether the token does what it lists: SoftHSM has OAEP, and takes SHA-1 only. Also asked where we do
 * not see to which mechanisms a key is restricted. It is asked by beginning, and ending the session.
 */
async function isAble(
  client: Client,
  at: Located,
  name: Algorithm,
  { object, kind }: TokenKey,
  options: CallOptions,
  details: FailureDetails,
): Promise<boolean> {
  const facts = algorithm(name);
  const opens = name === 'RSA-OAEP-256';
  const unseen = facts.operation === 'sign' && object.unread.includes(CKA.ALLOWED_MECHANISMS);
  if (kind === 'public' || !(opens || unseen)) return true;
  const known = opens ? ableToOpen.get(at) : undefined;
  if (known !== undefined) return known;
  const row = rowOf(name);
  const type = row && mechanismFor(row, at.mechanisms);
  const use = opens ? 'decrypt' : 'sign';
  const { reply } = await client.attempt(
    ({ token }) => ({
      op: 'try',
      use,
      slot: token.slot,
      key: object.handle,
      mechanism: mechanism(type ?? 0, facts),
    }),
    options,
    details,
  );
  const answer = reply.head.error === undefined;
  if (opens) ableToOpen.set(at, answer);
  return answer;
}

function exists(details: FailureDetails): Failure<'KEY_EXISTS'> {
  return new Failure('KEY_EXISTS', 'the key exists', details);
}
