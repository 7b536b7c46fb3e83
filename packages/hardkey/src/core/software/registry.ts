/**
 * Which key of the interface holds which key of the runtime. Read by `hardkey/unsafe` alone.
 *
 * @module
 */
import type { Key } from '../key.ts';
import type { SoftwareKey } from './types.ts';

const held = new WeakMap<Key, SoftwareKey>();

/** Notes the key of the runtime behind a key of the interface. */
export function rememberSoftwareKey(key: Key, software: SoftwareKey): void {
  held.set(key, software);
}

/** The key of the runtime behind a key, where this process holds it. */
export function softwareKeyOf(key: Key): SoftwareKey | undefined {
  return held.get(key);
}
