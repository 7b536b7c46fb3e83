/**
 * Keys of several backends at once: what one of them cannot say hides nothing of the others.
 *
 * @module
 */
import type { KeyInfo } from '../core/key.ts';
import type { Keys } from '../core/keys.ts';
import type { CallOptions } from '../core/operations.ts';
import { type Failure, isFailure } from '../errors.ts';

/** A key, and the backend that has it. */
export interface BackendKey {
  /** The scheme of the backend's references: `file`, `pkcs11`, `tpm`, `keyring`. */
  readonly backend: string;
  readonly info: KeyInfo;
}

/** A backend that could not say what it has. */
export interface UnavailableBackend {
  readonly backend: string;
  readonly failure: Failure;
}

/** Everything that could be found out. */
export interface BackendKeys {
  readonly keys: readonly BackendKey[];
  readonly unavailable: readonly UnavailableBackend[];
}

/**
 * Asks backends for their keys, all of them or the named ones, one after the other: some of them ask
 * somebody for a passphrase.
 */
export async function listBackends(
  keys: Keys,
  backends: readonly string[] = keys.schemes,
  options: CallOptions = {},
): Promise<BackendKeys> {
  const found: BackendKey[] = [];
  const unavailable: UnavailableBackend[] = [];
  for (const backend of backends) {
    try {
      for await (const info of keys.list({ ...options, scheme: backend })) found.push({ backend, info });
    } catch (failure) {
      // The caller's own abort is no answer of a backend, and what is no failure of ours is a defect.
      if (options.signal?.aborted || !isFailure(failure)) throw failure;
      unavailable.push({ backend, failure });
    }
  }
  return { keys: found, unavailable };
}
