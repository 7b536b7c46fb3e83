/**
 * Vaults and their keys, in memory. Deleted keys stay recoverable until their time is up, by the clock.
 *
 * @module
 */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AzureRefusal } from './rules.ts';

/** The attributes that callers set; times in seconds since 1970. */
export interface KeyAttributes {
  enabled: boolean;
  nbf?: number | undefined;
  exp?: number | undefined;
}

/** A version of a key. */
export interface KeyVersion {
  readonly id: string;
  /** `EC`, `RSA`, or with `-HSM`. */
  readonly type: string;
  readonly material: KeyObject;
  readonly created: number;
  updated: number;
  operations: readonly string[];
  attributes: KeyAttributes;
  tags: Readonly<Record<string, string>> | undefined;
}

/** When a key is to rotate; times in seconds since 1970. */
export interface RotationPolicy {
  readonly lifetimeActions: readonly object[];
  readonly attributes: {
    readonly expiryTime?: string;
    readonly created: number;
    readonly updated: number;
  };
}

/** A key: its versions, oldest first. */
export interface VaultKey {
  readonly name: string;
  readonly versions: KeyVersion[];
  rotationPolicy?: RotationPolicy;
}

/** A key that was deleted; times in seconds since 1970. */
export interface DeletedKey {
  readonly key: VaultKey;
  readonly deleted: number;
  readonly purged: number;
}

/** A vault. */
export interface Vault {
  readonly clock: Clock;
  readonly keys: Map<string, VaultKey>;
  readonly deleted: Map<string, DeletedKey>;
}

/** How long a deleted key is recoverable. */
export const RECOVERABLE_DAYS = 90;

/** A vault that holds nothing. */
export function createVault(clock: Clock): Vault {
  return { clock, keys: new Map(), deleted: new Map() };
}

/** Seconds since 1970 by the vault's clock. */
export function secondsOf({ clock }: Vault): number {
  return Math.floor(clock.now() / 1000);
}

/** The name, when it has the form of one. */
function parseName(name: string): string {
  if (/^[0-9a-zA-Z-]{1,127}$/.test(name)) return name;
  throw new AzureRefusal('name of another form', `The request URI contains an invalid name: ${name}`);
}

/** The key of that name. Names do not tell upper from lower case. */
export function keyOf(vault: Vault, name: string): VaultKey {
  const found = vault.keys.get(parseName(name).toLowerCase());
  if (found) return found;
  throw notFound(name);
}

/** A version of a key; the newest when none is named. */
export function versionOf(vault: Vault, name: string, id: string): KeyVersion {
  const { versions } = keyOf(vault, name);
  const found = id === '' ? versions.at(-1) : versions.find((one) => one.id === id);
  if (found) return found;
  throw notFound(id === '' ? name : `${name}/${id}`);
}

/** Adds a version to the key of that name, which is made when there is none. */
export function addVersion(vault: Vault, name: string, version: KeyVersion): VaultKey {
  const at = parseName(name).toLowerCase();
  if (deletedAt(vault, at))
    throw new AzureRefusal(
      'deleted and recoverable',
      `Key ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, ` +
        'the key can only be recovered or purged.',
    );
  const key = vault.keys.get(at) ?? { name, versions: [] };
  key.versions.push(version);
  vault.keys.set(at, key);
  return key;
}

/** The deleted key of that name. */
export function deletedKeyOf(vault: Vault, name: string): DeletedKey {
  const found = deletedAt(vault, parseName(name).toLowerCase());
  if (found) return found;
  throw notFound(name);
}

/** The deleted keys that are still recoverable. */
export function deletedKeys(vault: Vault): readonly DeletedKey[] {
  return [...vault.deleted.keys()].flatMap((name) => deletedAt(vault, name) ?? []);
}

function deletedAt(vault: Vault, name: string): DeletedKey | undefined {
  const found = vault.deleted.get(name);
  if (found && found.purged <= secondsOf(vault)) vault.deleted.delete(name);
  return vault.deleted.get(name);
}

function notFound(name: string): AzureRefusal {
  return new AzureRefusal(
    'nothing of that name',
    `A key with (name/id) ${name} was not found in this key vault. If you recently deleted this key you may be ` +
      'able to recover it using the correct recovery command.',
  );
}
