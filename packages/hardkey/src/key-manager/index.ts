/**
 * Keys by their id, over every backend at once: a view of `Keys` for those who think in key pairs,
 * digests and fingerprints.
 *
 * @module
 */
export { labelledKey, wholeKey } from '../core/refs/whole.ts';
export { type BackendKey, type BackendKeys, listBackends, type UnavailableBackend } from './backends.ts';
export type { KeyPair, ManagedKey, PairCurve } from './managed-key.ts';
export {
  createKeyManager,
  type GenerateOptions,
  type KeyManager,
  type KeyManagerConfig,
  type ManagedBackend,
  type ManagedKeys,
} from './manager.ts';
