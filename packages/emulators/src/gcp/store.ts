/**
 * Key rings, keys and their versions, in memory, with what happens to them by itself as time passes.
 *
 * @module
 */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { ALGORITHMS, type AlgorithmFacts } from './algorithms.ts';
import { createMaterial } from './material.ts';
import { isName, parentOf, parseName } from './names.ts';
import { refuse } from './rules.ts';

/** The states that versions have here. */
export type VersionState = 'PENDING_GENERATION' | 'ENABLED' | 'DISABLED' | 'DESTROY_SCHEDULED' | 'DESTROYED';

/** A version of a key. Times are in milliseconds since 1970. */
export interface Version {
  readonly name: string;
  readonly id: number;
  readonly algorithm: string;
  readonly created: number;
  readonly generated: number;
  state: VersionState;
  destroyAt?: number | undefined;
  destroyedAt?: number;
  material: KeyObject | undefined;
}

/** A key. */
export interface Key {
  readonly name: string;
  readonly purpose: string;
  algorithm: string;
  readonly protection: string;
  readonly created: number;
  readonly destroyMs: number;
  labels: Readonly<Record<string, string>>;
  rotationMs?: number | undefined;
  nextRotation?: number | undefined;
  /** The id of the primary version. */
  primary?: number;
  readonly versions: Version[];
}

/** A key ring. */
export interface KeyRing {
  readonly name: string;
  readonly created: number;
}

/** Everything an emulator holds. */
export interface Store {
  readonly clock: Clock;
  readonly rings: Map<string, KeyRing>;
  readonly keys: Map<string, Key>;
  /** How long a new asymmetric version stays in `PENDING_GENERATION`, by the clock. */
  generationMs: number;
}

/** A store that holds nothing. */
export function createStore(clock: Clock): Store {
  return { clock, rings: new Map(), keys: new Map(), generationMs: 0 };
}

/** The ring of that name. */
export function ringOf(store: Store, name: string | undefined): KeyRing {
  const found = store.rings.get(parseName('keyRing', name));
  if (!found) throw refuse('nothing of that name', `KeyRing ${name} not found.`);
  return found;
}

/** The key of that name, as it is by now. */
export async function keyOf(store: Store, name: string | undefined): Promise<Key> {
  const found = store.keys.get(parseName('key', name));
  if (!found) throw refuse('nothing of that name', `CryptoKey ${name} not found.`);
  await settle(store, found);
  return found;
}

/** The version of that name with its key, as they are by now. */
export async function versionOf(
  store: Store,
  name: string | undefined,
): Promise<{ key: Key; version: Version }> {
  const parsed = parseName('version', name);
  const key = store.keys.get(parentOf(parsed));
  if (key) await settle(store, key);
  const version = key?.versions.find((one) => one.name === parsed);
  if (!key || !version) throw refuse('nothing of that name', `CryptoKeyVersion ${parsed} not found.`);
  return { key, version };
}

/** A new version, with the next number and material of its own. */
export async function addVersion(store: Store, key: Key): Promise<Version> {
  const material = await createMaterial(factsOf(key.algorithm));
  const id = key.versions.length + 1;
  const created = store.clock.now();
  const slow = key.purpose.startsWith('ASYMMETRIC') && store.generationMs > 0;
  const version: Version = {
    name: `${key.name}/cryptoKeyVersions/${id}`,
    id,
    algorithm: key.algorithm,
    created,
    generated: created + (slow ? store.generationMs : 0),
    state: slow ? 'PENDING_GENERATION' : 'ENABLED',
    material,
  };
  key.versions.push(version);
  return version;
}

/** What is known of an algorithm. */
export function factsOf(algorithm: string): AlgorithmFacts {
  const facts = ALGORITHMS[algorithm];
  if (!facts) throw refuse('not in this emulator', `the algorithm ${algorithm} is not emulated`);
  return facts;
}

/** The version that encrypts for a name of a key or of a version. */
export async function encryptingVersionOf(
  store: Store,
  name: string | undefined,
): Promise<{ key: Key; version: Version }> {
  if (!isName('key', name)) return versionOf(store, name);
  const key = await keyOf(store, name);
  if (key.purpose !== 'ENCRYPT_DECRYPT') throw otherPurpose(key);
  const version = primaryOf(key);
  if (!version) throw refuse('no primary', `${name} has no primary version.`);
  return { key, version };
}

/** What a version works with, when it is enabled and of the purpose. */
export function usable(
  { key, version }: { readonly key: Key; readonly version: Version },
  purpose: string,
): { readonly facts: AlgorithmFacts; readonly material: KeyObject } {
  const material = enabledMaterial(version);
  if (key.purpose !== purpose) throw otherPurpose(key);
  return { facts: factsOf(version.algorithm), material };
}

/** The material of a version that is enabled. */
export function enabledMaterial({ name, state, material }: Version): KeyObject {
  if (state === 'ENABLED' && material) return material;
  throw refuse('version not enabled', `${name} is not enabled, current state is: ${state}.`);
}

function otherPurpose({ name, purpose }: Key): Error {
  return refuse('key of another purpose', `${name} has the purpose ${purpose}.`);
}

/** The primary version, which keys for encryption have. */
export function primaryOf(key: Key): Version | undefined {
  return key.versions.find(({ id }) => id === key.primary);
}

// Rotation makes versions, so one call must not settle a key while another does.
const settling = new WeakMap<Key, Promise<void>>();

async function settle(store: Store, key: Key): Promise<void> {
  const before = settling.get(key) ?? Promise.resolve();
  const mine = before.then(() => settleNow(store, key));
  settling.set(
    key,
    mine.catch(() => undefined),
  );
  await mine;
}

async function settleNow(store: Store, key: Key): Promise<void> {
  const now = store.clock.now();
  while (key.nextRotation !== undefined && key.nextRotation <= now) {
    key.primary = (await addVersion(store, key)).id;
    key.nextRotation = key.rotationMs === undefined ? undefined : key.nextRotation + key.rotationMs;
  }
  for (const version of key.versions) {
    if (version.state === 'PENDING_GENERATION' && version.generated <= now) version.state = 'ENABLED';
    if (version.state === 'DESTROY_SCHEDULED' && (version.destroyAt ?? 0) <= now) destroy(version);
  }
}

function destroy(version: Version): void {
  version.state = 'DESTROYED';
  version.destroyedAt = version.destroyAt ?? 0;
  version.destroyAt = undefined;
  version.material = undefined;
}
