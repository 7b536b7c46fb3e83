/**
 * A key as a whole: what its versions have in common.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { FailureDetails } from '../../errors.ts';
import type { CryptoKey } from './calls.ts';
import type { Service } from './client.ts';
import { anotherKey } from './failures.ts';

/** Asks for a key by its name. The labels of another, which say whose it is, are none of this one: `SIGNER_MISMATCH`. */
export async function cryptoKey(
  { service, details }: { readonly service: Service; readonly details: FailureDetails },
  name: string,
  options: CallOptions,
): Promise<CryptoKey> {
  const key = await service.call('getCryptoKey', { name }, options, details);
  if (key.name === name) return key;
  throw anotherKey(key.name, { ...details, operation: 'getCryptoKey' });
}
