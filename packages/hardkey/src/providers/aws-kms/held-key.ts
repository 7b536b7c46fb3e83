/**
 * A key of KMS for those who use it: calls to it, and answers that are of it.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import type { FailureDetails } from '../../errors.ts';
import type { Input, OperationName, Output } from './calls.ts';
import type { Service } from './client.ts';
import { anotherKey } from './failures.ts';

/** The operations on one key whose answers say which key it was. */
export type KeyOperation = 'Sign' | 'Encrypt' | 'Decrypt' | 'GenerateDataKey' | 'GenerateMac' | 'VerifyMac';

/** A key to those who use it. */
export interface HeldKey {
  readonly publicKey: PublicKey | undefined;
  readonly encryptionContext: Readonly<Record<string, string>> | undefined;
  /** Calls an operation on the key. An answer of another key is `SIGNER_MISMATCH`. */
  ask<O extends KeyOperation>(
    operation: O,
    input: Omit<Input<O>, 'KeyId'>,
    options: CallOptions,
  ): Promise<Output<O>>;
  /** What failures say of it. */
  readonly details: FailureDetails;
}

/** Holds the key of an ARN. */
export function heldKey(
  service: Service,
  arn: string,
  { publicKey, encryptionContext, details }: Pick<HeldKey, 'publicKey' | 'encryptionContext' | 'details'>,
): HeldKey {
  return {
    publicKey,
    encryptionContext,
    details,
    async ask(operation, input, options) {
      const named = { ...input, KeyId: arn } as Input<typeof operation & OperationName>;
      const answer = await service.call(operation, named, options, details);
      if (answer.KeyId === arn) return answer;
      throw anotherKey(answer.KeyId, { ...details, operation });
    },
  };
}
