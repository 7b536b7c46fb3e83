/**
 * The keys of a vault.
 *
 * @module
 */
import type { KeyInfo } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { AzureKeyName } from '../../core/refs/azure.ts';
import { isFailure } from '../../errors.ts';
import { nameIn } from './address.ts';
import type { CallingOptions, KeyClient, KeyProperties } from './calls.ts';
import { describeKey, type Lookup } from './describe.ts';
import { infoOf } from './key.ts';
import { marksOf } from './tags.ts';

/** Versions that are looked up at the same time. */
const AT_ONCE = 16;

/**
 * Every version of every key that can be used here, each key's latest first. Left out are those that nothing
 * here can be done with, and those that the caller may not look at.
 */
export async function listKeys(
  lookup: Lookup,
  vaultHost: string,
  options: CallOptions,
): Promise<readonly KeyInfo[]> {
  const keys = await itemsOf(lookup, vaultHost, (client, how) => client.listPropertiesOfKeys(how), options);
  const versions = await inTurn(keys, async ({ id = '' }) => {
    const name = nameIn(id, vaultHost);
    return name === undefined ? [] : versionsOf(lookup, name, options);
  });
  const infos = await inTurn(versions.flat(), (name) => knownKey(lookup, name, options));
  return infos.filter((info) => info !== undefined);
}

/** The versions of a key, the latest first. */
async function versionsOf(
  lookup: Lookup,
  { vaultHost, key }: AzureKeyName,
  options: CallOptions,
): Promise<readonly AzureKeyName[]> {
  const list = (client: KeyClient, how: CallingOptions): AsyncIterable<KeyProperties> =>
    client.listPropertiesOfKeyVersions(key, how);
  const found = await itemsOf(lookup, vaultHost, list, options);
  return found
    .toSorted((a, b) => rank(a) - rank(b) || createdAt(b) - createdAt(a))
    .flatMap(({ id = '' }) => nameIn(id, vaultHost) ?? [])
    .filter(({ version }) => version !== undefined);
}

/** Times are of whole seconds: of two versions of one, the one that took the other's place is the latest. */
function rank({ tags = {} }: KeyProperties): number {
  return Number(marksOf(tags).isSuperseded);
}

function createdAt({ createdOn }: KeyProperties): number {
  return createdOn?.getTime() ?? 0;
}

/** What is known of a version; undefined for one that is left out. */
async function knownKey(
  lookup: Lookup,
  name: AzureKeyName,
  options: CallOptions,
): Promise<KeyInfo | undefined> {
  try {
    return infoOf(await describeKey(lookup, name, options));
  } catch (error) {
    const isLeftOut = ['DENIED', 'UNSUPPORTED', 'KEY_NOT_FOUND'] as const;
    if (isLeftOut.some((code) => isFailure(error, code))) return undefined;
    throw error;
  }
}

async function inTurn<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    done.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(act))));
  }
  return done;
}

/** All that is on all pages. Each page may take as long as any other answer. */
async function itemsOf<T>(
  { service, details }: Lookup,
  vaultHost: string,
  list: (client: KeyClient, how: CallingOptions) => AsyncIterable<T>,
  options: CallOptions,
): Promise<readonly T[]> {
  const found: T[] = [];
  let items: AsyncIterator<T> | undefined;
  const next = (client: KeyClient, how: CallingOptions): Promise<IteratorResult<T>> => {
    items ??= list(client, how)[Symbol.asyncIterator]();
    return items.next();
  };
  for (;;) {
    const item = await service.call(vaultHost, 'list', next, options, details);
    if (item.done === true) return found;
    found.push(item.value);
  }
}
