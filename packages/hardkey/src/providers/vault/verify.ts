/**
 * The server's own opinion of a signature. Nothing here asks for it: verification is local.
 *
 * @module
 */
import { digest } from '#crypto';
import { algorithm } from '../../core/algorithms.ts';
import type { Claimed } from '../../core/at-service.ts';
import type { CallOptions } from '../../core/operations.ts';
import { encodeBase64, encodeBase64url } from '../../encoding/base64.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { malformedAnswer } from './failures.ts';
import { versionPrefix } from './held-key.ts';
import { findKey, type Place } from './keys.ts';
import { checkLength, parametersOf } from './signing.ts';

/** Returns when the server finds the signature valid, and throws `VERIFICATION_FAILED` when it does not. */
export async function verifyAtService(
  place: Place,
  { name, message, signature }: Claimed,
  options: CallOptions,
): Promise<void> {
  const { info, held } = await findKey(place, options);
  const facts = algorithm(name);
  const details = held.about(facts, 'verify');
  if (!info.algorithms.includes(name)) throw new Failure('UNSUPPORTED', 'not with this key', details);
  const { signatureLength = Math.ceil((info.publicKey?.bits ?? 0) / 8), hash, keyType } = facts;
  if (signature.length !== signatureLength) throw notValid(details);
  const input = hash === undefined ? message : await digest(hash, message);
  checkLength(input.length, details);
  const encoded = keyType === 'EC' ? encodeBase64url(signature) : encodeBase64(signature);
  const body = {
    ...parametersOf(facts),
    input: encodeBase64(input),
    signature: versionPrefix(held.version) + encoded,
  };
  const { valid } = await held.ask('verify', body, options, { details });
  if (typeof valid !== 'boolean') throw malformedAnswer('valid', details);
  if (!valid) throw notValid(details);
}

function notValid(details: FailureDetails): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', 'the server finds the signature not valid', {
    ...details,
    check: 'signature',
  });
}
