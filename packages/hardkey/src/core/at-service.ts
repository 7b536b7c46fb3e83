/**
 * A service's own opinion of a signature. Nothing here asks for it: verification is local.
 *
 * @module
 */
import type { SignatureAlgorithm } from './algorithms.ts';
import type { KeyProvider } from './key.ts';
import type { KeyRef } from './key-ref.ts';
import type { CallOptions } from './operations.ts';

/** Keys of a service that says of signatures whether they are valid. */
export interface VerifyingProvider extends KeyProvider {
  /**
   * Has the service verify a signature by the version that the reference names, or the current one: a request,
   * with a permission of its own, where a rule wants the service to be asked. Throws `VERIFICATION_FAILED` when
   * it is not valid.
   */
  verifyAtService(
    ref: KeyRef,
    algorithm: SignatureAlgorithm,
    message: Uint8Array,
    signature: Uint8Array,
    options?: CallOptions,
  ): Promise<void>;
}

/** A signature that somebody claims is valid. */
export interface Claimed {
  readonly name: SignatureAlgorithm;
  readonly message: Uint8Array;
  /** As the interface has it: r‖s of ECDSA. */
  readonly signature: Uint8Array;
}
