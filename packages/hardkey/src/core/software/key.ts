/**
 * A key as the interface shows it, over one that this process holds.
 *
 * @module
 */
import * as software from '#software';
import { boundKey, type Guard } from '../bound-key.ts';
import type { Key, KeyInfo } from '../key.ts';
import { rememberSoftwareKey } from './registry.ts';
import type { SoftwareKey } from './types.ts';

/** A key of the interface over a key of the runtime. `info.algorithms` says what it may be used for. */
export function softwareKey(info: KeyInfo, key: SoftwareKey, guard: Guard): Key {
  const made = boundKey(info, key, guard, software);
  rememberSoftwareKey(made, key);
  return made;
}
