/**
 * A version of a key for those who use it: calls to it, and answers that are of it.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import type { FailureDetails } from '../../errors.ts';
import { type PinnedName, versionOf } from './address.ts';
import type { KeyOperation } from './calls.ts';
import type { Service } from './client.ts';
import { anotherKey, notAnswered } from './failures.ts';

/** A key to those who use it. */
export interface HeldKey {
  readonly publicKey: PublicKey;
  /** `key_ops`. */
  readonly operations: readonly string[];
  /** Calls an operation on the key. An answer of another key is `SIGNER_MISMATCH`. */
  ask(
    operation: KeyOperation,
    algorithm: string,
    bytes: Uint8Array,
    options: CallOptions,
  ): Promise<Uint8Array>;
  /** What failures say of it. */
  readonly details: FailureDetails;
}

/** Holds a version of a key. */
export function heldKey(
  service: Service,
  name: PinnedName,
  { publicKey, operations, details }: Pick<HeldKey, 'publicKey' | 'operations' | 'details'>,
): HeldKey {
  return {
    publicKey,
    operations,
    details,
    async ask(operation, algorithm, bytes, options) {
      const { result, kid } = await service.perform(name, operation, [algorithm, bytes], options, details);
      const about = { ...details, operation };
      if (kid !== undefined && versionOf(kid, name) === undefined) throw anotherKey(about);
      // Nothing that is signed or unwrapped is empty.
      if (!(result instanceof Uint8Array) || result.length === 0) throw notAnswered(about);
      // The SDK gives a view of memory that it shares.
      return Uint8Array.from(result);
    },
  };
}
