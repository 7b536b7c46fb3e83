/**
 * A version of a key for those who use it: calls to it, and answers that are of it and arrived whole.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import type { FailureDetails } from '../../errors.ts';
import { checkReceived, type Fields, withChecksums } from './checksums.ts';
import type { Service } from './client.ts';
import { anotherKey } from './failures.ts';

interface MethodFacts {
  /** The answer says which version it was. */
  readonly names: boolean;
  /** The answer says which fields arrived as they were sent. */
  readonly vouches: boolean;
  /** It is asked of the key, and the ciphertext says which version. */
  readonly ofKey?: true;
}

/** The methods that work with a key. */
export type KeyMethod =
  | `asymmetric${'Sign' | 'Decrypt'}`
  | 'encrypt'
  | 'decrypt'
  | `raw${'Encrypt' | 'Decrypt'}`
  | `mac${'Sign' | 'Verify'}`;

// google.cloud.kms.v1: the fields of each answer.
const METHODS: Readonly<Record<KeyMethod, MethodFacts>> = {
  asymmetricSign: { names: true, vouches: true },
  asymmetricDecrypt: { names: false, vouches: true },
  encrypt: { names: true, vouches: true },
  decrypt: { names: false, vouches: false, ofKey: true },
  rawEncrypt: { names: true, vouches: true },
  rawDecrypt: { names: false, vouches: true },
  macSign: { names: true, vouches: true },
  macVerify: { names: true, vouches: true },
};

/** A version to those who use it. */
export interface HeldKey {
  readonly publicKey: PublicKey | undefined;
  /** Bound to what the service wraps. */
  readonly aad: Uint8Array;
  /** It is in an HSM, which takes less at a time. */
  readonly isInHsm: boolean;
  /**
   * Calls a method with fields that are vouched for in both directions. `form` takes the place of fields that
   * are not sent as bytes. An answer of another version is `SIGNER_MISMATCH`.
   */
  ask(
    method: KeyMethod,
    sent: Readonly<Record<string, Uint8Array>>,
    options: CallOptions,
    form?: Fields,
  ): Promise<Fields>;
  /** What failures say of it. */
  readonly details: FailureDetails;
}

/** Holds a version by its name. */
export function heldKey(
  service: Service,
  name: string,
  about: Pick<HeldKey, 'publicKey' | 'aad' | 'isInHsm' | 'details'>,
): HeldKey {
  const keyName = name.slice(0, name.lastIndexOf('/cryptoKeyVersions/'));
  return {
    ...about,
    async ask(method, sent, options, form = {}) {
      const facts = METHODS[method];
      const request = { name: facts.ofKey ? keyName : name, ...withChecksums(sent), ...form };
      const answer = (await service.call(method, request, options, about.details)) as Fields;
      const details = { ...about.details, operation: method };
      if (facts.names && answer['name'] !== name) throw anotherKey(answer['name'], details);
      if (facts.vouches) checkReceived(answer, Object.keys(sent), details);
      return answer;
    },
  };
}
