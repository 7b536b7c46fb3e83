/**
 * What a key opens, and what it opened before it was rotated.
 *
 * @module
 */
import { type Failure, isFailure, type Key, type KeyInfo, type Keys, parseKeyRef } from 'hardkey';
import type { Context } from './context.ts';
import type { Given } from './given.ts';
import { findRef, fingerprintOf, keyNamed, type Opened, openNamed } from './keys.ts';
import { askPlace } from './places.ts';

/**
 * Decrypts with the key that `--{option}` names. The name of a whole key stands for its earlier versions as well: where
 * the current one opens nothing, they are tried, the latest first. A version that is named, by its reference or by
 * `--fingerprint`, is the only one.
 */
export async function openingWith<T>(
  opened: Opened,
  given: Given,
  context: Context,
  option: string,
  open: (key: Key) => Promise<T>,
): Promise<T> {
  const { keys } = opened;
  const ref = await findRef(keys, keyNamed(opened, given, option));
  const key = await openNamed(keys, ref, given);
  try {
    return await open(key);
  } catch (error) {
    if (!isFailure(error, 'DECRYPTION_FAILED') || fingerprintOf(given) !== undefined) throw error;
    const earlier = (await namesWhole(key, ref)) ? await earlierVersions(opened, given, context, key) : [];
    return await firstOf(keys, earlier, open, error);
  }
}

/** What the first of them opens. Where none does: why one of them could not try, or else `failure`. */
async function firstOf<T>(
  keys: Keys,
  [ref, ...others]: readonly string[],
  open: (key: Key) => Promise<T>,
  failure: Failure,
): Promise<T> {
  if (ref === undefined) throw failure;
  try {
    return await open(await keys.open(ref));
  } catch (error) {
    if (!isFailure(error)) throw error;
    return firstOf(keys, others, open, error.code === 'DECRYPTION_FAILED' ? failure : error);
  }
}

/** Whether a reference that led to `key` leads to another version of it once there is one. */
async function namesWhole(key: Key, named: string): Promise<boolean> {
  const { labelledKey, wholeKey } = await import('hardkey/key-manager');
  const whole = [labelledKey(key), wholeKey(key.ref)].filter((name) => name !== String(key.ref));
  return whole.length > 0 && (parseKeyRef(named).body === '' || whole.includes(named));
}

/** References of the versions of a key before this one, as far as its backend lists them. */
async function earlierVersions(
  opened: Opened,
  given: Given,
  context: Context,
  key: Key,
): Promise<readonly string[]> {
  const { labelledKey, listBackends } = await import('hardkey/key-manager');
  const { scheme } = key.ref;
  const of = (infos: readonly KeyInfo[]): readonly KeyInfo[] =>
    infos.filter((info) => labelledKey(info) === labelledKey(key));
  const { keys } = await listBackends(opened.keys, [scheme]);
  const known = of(keys.map(({ info }) => info));
  // A backend of which the settings say nothing is found by the key itself.
  const all = known.length > 0 ? known : of((await askPlace(given, context, opened, String(key.ref))).keys);
  return all.filter(({ id }) => id !== key.id).map(({ ref }) => String(ref));
}
