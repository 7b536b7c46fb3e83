/**
 * The signature in what a program wrote on its stdout: exactly one, and nothing else.
 *
 * @module
 */
import type { AlgorithmFacts } from '../../core/algorithms.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { decodeBase64 } from '../../encoding/base64.ts';
import { ecdsaFromDer } from '../../encoding/ecdsa.ts';
import { decodeHex } from '../../encoding/hex.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import type { OnceConfig } from './config.ts';
import { badOutput } from './failures.ts';

const FIELD = 'signer.output';

const READERS: Readonly<Record<OnceConfig['output'], (bytes: Uint8Array, length: number) => Uint8Array>> = {
  raw: (bytes) => bytes,
  der: ecdsaFromDer,
  hex: (bytes) => decodeHex(line(bytes), FIELD),
  base64: (bytes) => decodeBase64(line(bytes), FIELD),
};

/** How long a signature is, in bytes, by the algorithm or by the modulus of the key. */
export function signatureLength({ signatureLength: fixed }: AlgorithmFacts, key: PublicKey): number {
  return fixed ?? Math.ceil((key.bits ?? 0) / 8);
}

/**
 * Reads the output of a program. Text may end in one line end. Throws `MALFORMED` with the field
 * `signer.output` for anything but one signature of `length` bytes.
 */
export function readOutput(
  format: OnceConfig['output'],
  bytes: Uint8Array,
  length: number,
  details: FailureDetails,
): Uint8Array {
  return checkLength(decoded(format, bytes, length, details), length, details);
}

/** The signature, if it is as long as the algorithm says. Throws `MALFORMED`. */
export function checkLength(signature: Uint8Array, length: number, details: FailureDetails): Uint8Array {
  if (signature.length === length) return signature;
  throw badOutput('the output is not as long as a signature', details);
}

function decoded(
  format: OnceConfig['output'],
  bytes: Uint8Array,
  length: number,
  details: FailureDetails,
): Uint8Array {
  try {
    return READERS[format](bytes, length);
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { offset } = error.details;
    const where = offset === undefined ? details : { ...details, offset };
    throw new Failure('MALFORMED', error.message, { ...where, field: FIELD });
  }
}

/** The text of the output, a character for each byte, without its line end. */
function line(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/\r?\n$/, '');
}
