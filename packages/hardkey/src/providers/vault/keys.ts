/**
 * The keys of an engine: opened, listed, made and ended.
 *
 * @module
 */
import { algorithm } from '../../core/algorithms.ts';
import { boundKey, checkState, type Guard } from '../../core/bound-key.ts';
import { checkSpec } from '../../core/check-spec.ts';
import { inOrder } from '../../core/in-order.ts';
import type { Key, KeyInfo, KeySpec, KeyState } from '../../core/key.ts';
import { keyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import { isList, isText } from '../../core/trust/strict-json.ts';
import { Failure, type FailureDetails, invalid, isFailure } from '../../errors.ts';
import type { Address, VaultScheme } from './address.ts';
import { newKey } from './algorithms.ts';
import type { Client } from './client.ts';
import { malformedAnswer } from './failures.ts';
import { type HeldKey, heldKey } from './held-key.ts';
import { infoOf } from './info.ts';
import { type KeyData, readKeyData } from './key-data.ts';
import { performer } from './operations.ts';
import type { Request } from './wire.ts';

/** A key of a server. */
export interface Place {
  readonly client: Client;
  readonly scheme: VaultScheme;
  readonly address: Address;
}

/** A version of a key that was found. */
interface Found {
  readonly info: KeyInfo;
  readonly held: HeldKey;
}

/** Opens the version that the address names, or the latest. */
export async function openKey(place: Place, options: CallOptions): Promise<Key> {
  const { info, held } = await findKey(place, options);
  return boundKey(info, held, guardOf(place.client, info), performer);
}

/** Finds the version that the address names, or the latest. */
export async function findKey(place: Place, options: CallOptions): Promise<Found> {
  const data = await readKey(place, options);
  const { client, scheme, address } = place;
  const details = detailsOf(place, 'open');
  const version = address.version ?? data.latest;
  const info = await infoOf(address, scheme, data, version, details);
  const { row } = data;
  if (row === undefined) throw malformedAnswer('type', details);
  const about = { ref: String(info.ref), provider: scheme };
  const held = heldKey(client, address, { row, version, publicKey: info.publicKey }, about);
  return { info, held };
}

/** A version that was opened as the latest goes on: what is under way ends with what it began with. */
function guardOf(client: Client, info: KeyInfo): Guard {
  return (purpose) => {
    client.ready({});
    checkState(info, purpose);
  };
}

/** How many keys are read at the same time. */
const ROOM = { atOnce: 8, held: 16 };

/** Every version of every key of the engine that opens by its name, the latest of each first. */
export async function* listKeys(
  { client, scheme }: Omit<Place, 'address'>,
  mount: string,
  options: CallOptions,
): AsyncGenerator<KeyInfo, void, undefined> {
  const details = { provider: scheme, operation: 'list' };
  const names = await namesOf(client, mount, options, details);
  const infos = inOrder(names, ROOM, (key) => {
    const address = { key, at: mount, ref: keyRef(scheme, `//${key}`) };
    return infosOf({ client, scheme, address }, options);
  });
  for await (const some of infos) yield* some;
}

async function namesOf(
  client: Client,
  mount: string,
  options: CallOptions,
  details: FailureDetails,
): Promise<readonly string[]> {
  try {
    const { keys } = await client.call({ method: 'GET', path: `${mount}/keys?list=true` }, options, {
      details,
    });
    // An engine that took keys in names the folder of that, too.
    if (isList(keys) && keys.every(isText)) return keys.filter((name) => !name.endsWith('/'));
    throw malformedAnswer('keys', details);
  } catch (error) {
    // An engine without keys says the same as one without this key.
    if (isFailure(error, 'KEY_NOT_FOUND') && error.details.field === undefined) return [];
    throw error;
  }
}

/**
 * Nothing for a key of another kind, for one that is one for each context, for one that just ended, and for
 * one that the policy does not show.
 */
async function infosOf(place: Place, options: CallOptions): Promise<readonly KeyInfo[]> {
  const data = await readKey(place, options).catch(unseen);
  if (data?.row === undefined || data.derived) return [];
  const versions = [...data.versions.keys()].toSorted((a, b) => b - a);
  const details = detailsOf(place, 'list');
  return Promise.all(versions.map((version) => infoOf(place.address, place.scheme, data, version, details)));
}

function absent(error: unknown): undefined {
  if (!isFailure(error, 'KEY_NOT_FOUND')) throw error;
}

function unseen(error: unknown): undefined {
  if (!isFailure(error, 'DENIED') || error.details.field !== 'vault.policy') absent(error);
}

/** Makes a key. The server takes one that is there for a new one, so it is looked for before. */
export async function createKey(place: Place, spec: KeySpec, options: CallOptions): Promise<Key> {
  const { address } = place;
  const facts = algorithm(spec.algorithm);
  if (facts.name !== 'service') checkSpec(spec, facts);
  if (spec.label !== undefined && spec.label !== address.key) {
    throw new Failure('UNSUPPORTED', 'a Transit key has its name, and no label beside it', {
      field: 'label',
    });
  }
  const wanted = newKey(spec, facts);
  await checkFree(place, options);
  const body = { ...wanted, ...(address.context === undefined ? {} : { derived: true }) };
  await act(place, 'create', { method: 'POST', path: pathOf(address), body }, options);
  const made = await readKey(place, options);
  // Somebody was faster, with a key of another type.
  if (made.type !== wanted.type || made.latest !== 1) throw exists(detailsOf(place, 'create'));
  return openKey(place, options);
}

/** Throws `KEY_EXISTS` where there is a key. */
export async function checkFree(place: Place, options: CallOptions): Promise<void> {
  whole(place);
  const found = await readKey(place, options).catch(absent);
  if (found !== undefined) throw exists(detailsOf(place, 'create'));
}

/** Makes a new version the latest. */
export async function rotateKey(place: Place, options: CallOptions): Promise<Key> {
  whole(place);
  // The new version is opened, so that what cannot be opened is not rotated.
  await findKey(place, options);
  const path = `${pathOf(place.address)}/rotate`;
  await act(place, 'rotate', { method: 'POST', path, once: true }, options);
  return openKey(place, options);
}

/** Suspends a key, and ends that. There is nothing like it for `compromised`. */
export async function setKeyState(
  place: Place,
  state: Exclude<KeyState, 'destroyed'>,
  options: CallOptions,
): Promise<void> {
  whole(place);
  everyContext(place);
  if (state !== 'active' && state !== 'suspended' && state !== 'compromised') {
    throw invalid('a state is active, suspended or compromised', 'state');
  }
  if (state === 'compromised') {
    throw new Failure('UNSUPPORTED', 'a Transit key is active or suspended', { field: 'state' });
  }
  // Also a key that does not exist is suspended with success.
  const { softDeleted } = await readKey(place, options);
  if (softDeleted === (state === 'suspended')) return;
  const path = pathOf(place.address);
  const request: Request = softDeleted
    ? { method: 'POST', path: `${path}/soft-delete-restore` }
    : { method: 'DELETE', path: `${path}/soft-delete` };
  try {
    await act(place, 'setState', request, options);
  } catch (error) {
    if (!isFailure(error, 'KEY_NOT_FOUND') || error.details.field !== 'vault.mount') throw error;
    throw new Failure('UNSUPPORTED', 'this server does not suspend keys', detailsOf(place, 'setState'));
  }
}

/** Ends a key with all its versions, after allowing it where that was not done. */
export async function destroyKey(place: Place, options: CallOptions): Promise<void> {
  whole(place);
  everyContext(place);
  const { deletionAllowed, softDeleted } = await readKey(place, options);
  // What is suspended does not change, not even in that.
  if (softDeleted) await setKeyState(place, 'active', options);
  try {
    if (!deletionAllowed) await allowDeletion(place, true, options);
    await act(place, 'destroy', { method: 'DELETE', path: pathOf(place.address) }, options);
  } catch (error) {
    // A key that could not be ended is as it was, however little time the call had.
    if (!deletionAllowed) await allowDeletion(place, false, {}).catch(() => undefined);
    if (softDeleted) await setKeyState(place, 'suspended', {}).catch(() => undefined);
    throw error;
  }
}

function allowDeletion(place: Place, isAllowed: boolean, options: CallOptions): Promise<void> {
  const path = `${pathOf(place.address)}/config`;
  const body = { deletion_allowed: isAllowed };
  return act(place, 'destroy', { method: 'POST', path, body }, options);
}

/** What the server says of a key. Throws `KEY_NOT_FOUND`. */
async function readKey(place: Place, options: CallOptions): Promise<KeyData> {
  const { client, address } = place;
  const details = detailsOf(place, 'open');
  const { context } = address;
  // RFC 3986 §2.1: standard base64 has characters that a query gives another meaning.
  const query =
    context === undefined ? '' : `?context=${encodeURIComponent(Buffer.from(context).toString('base64'))}`;
  const request = { method: 'GET', path: `${pathOf(address)}${query}` } as const;
  return readKeyData(await client.call(request, options, { details }), details);
}

/** Changes a key. */
export async function act(
  place: Place,
  operation: string,
  request: Request,
  options: CallOptions,
): Promise<void> {
  await place.client.call(request, options, { details: detailsOf(place, operation) });
}

/** Where a key is in the interface of the server. */
export function pathOf({ at, key }: Address): string {
  return `${at}/keys/${key}`;
}

/** For failures. */
export function detailsOf({ address, scheme }: Place, operation: string): FailureDetails {
  return { ref: String(address.ref), provider: scheme, operation };
}

function whole({ address }: Place): void {
  if (address.version === undefined) return;
  throw new Failure('ARGUMENT_INVALID', 'this is about the whole key, not a version', {
    ref: String(address.ref),
  });
}

/** What a derived key is for one context comes and goes with the key. */
function everyContext(place: Place): void {
  if (place.address.context === undefined) return;
  throw new Failure('ARGUMENT_INVALID', 'this is about the key of every context: name it without one', {
    ...detailsOf(place, 'open'),
    field: 'vault.context',
  });
}

function exists(details: FailureDetails): Failure<'KEY_EXISTS'> {
  return new Failure('KEY_EXISTS', 'the key exists', details);
}
