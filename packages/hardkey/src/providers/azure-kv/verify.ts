/**
 * The service's own opinion of a signature. Nothing here asks for it: verification is local.
 *
 * @module
 */
import { digest } from '#crypto';
import { algorithm } from '../../core/algorithms.ts';
import type { Claimed } from '../../core/at-service.ts';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { algorithmsOf, withProtecting } from './algorithms.ts';
import type { Service } from './client.ts';
import type { Description } from './describe.ts';

/** Returns when Key Vault finds the signature valid, and throws `VERIFICATION_FAILED` when it does not. */
export async function verifyAtService(
  { service, details }: { readonly service: Service; readonly details: FailureDetails },
  { name: version, publicKey, operations }: Description,
  { name, message, signature }: Claimed,
  options: CallOptions,
): Promise<void> {
  const { hash, signatureLength = Math.ceil((publicKey.bits ?? 0) / 8) } = algorithm(name);
  const { keyType, curve } = publicKey;
  // Whatever it signed before, it need not sign any more.
  const names = algorithmsOf({ keyType, curve }, withProtecting(operations));
  if (hash === undefined || !names.includes(name)) {
    throw new Failure('UNSUPPORTED', 'not with this key', { ...details, algorithm: name });
  }
  const isValid =
    signature.length === signatureLength &&
    (await service.verify(version, [name, await digest(hash, message), signature], options, details));
  if (isValid) return;
  throw new Failure('VERIFICATION_FAILED', 'the signature is not valid', { ...details, check: 'signature' });
}
