/**
 * The service's own opinion of a signature. Nothing here asks for it: verification is local.
 *
 * @module
 */
import { digest } from '#crypto';
import { algorithm } from '../../core/algorithms.ts';
import type { Claimed } from '../../core/at-service.ts';
import type { CallOptions } from '../../core/operations.ts';
import { ecdsaToDer } from '../../encoding/ecdsa.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { algorithmsOf, rowOf } from './algorithms.ts';
import type { Service } from './client.ts';
import type { Description } from './describe.ts';
import { anotherKey } from './failures.ts';
import { checkLength, isTaken } from './operations.ts';

/** Returns when KMS finds the signature valid, and throws `VERIFICATION_FAILED` when it does not. */
export async function verifyAtService(
  { service, details }: { readonly service: Service; readonly details: FailureDetails },
  { arn, spec, usage }: Description,
  { name, message, signature }: Claimed,
  options: CallOptions,
): Promise<void> {
  const facts = algorithm(name);
  if (!algorithmsOf(spec, usage).includes(name)) {
    throw new Failure('UNSUPPORTED', 'not with this key', { ...details, algorithm: name });
  }
  const { hash, signatureLength = signature.length } = facts;
  if (signature.length !== signatureLength || signature.length === 0) throw notValid(details);
  const isHashed = hash !== undefined && !isTaken(message);
  if (!isHashed) checkLength(details, message, 'of this algorithm KMS verifies messages of 1 to 4,096 bytes');
  const answer = await service.call(
    'Verify',
    {
      KeyId: arn,
      Message: isHashed ? await digest(hash, message) : message,
      MessageType: isHashed ? 'DIGEST' : 'RAW',
      SigningAlgorithm: rowOf(name).name,
      Signature: facts.keyType === 'EC' ? ecdsaToDer(signature) : signature,
    },
    options,
    details,
  );
  if (answer.KeyId !== arn) throw anotherKey(answer.KeyId, { ...details, operation: 'Verify' });
  if (answer.SignatureValid !== true) throw notValid(details);
}

function notValid(details: FailureDetails): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', 'the signature is not valid', { ...details, check: 'signature' });
}
