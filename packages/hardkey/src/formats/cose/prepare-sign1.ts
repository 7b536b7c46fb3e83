/**
 * COSE_Sign1 in two steps, for a signer that is somewhere else: behind a queue, or at a ceremony.
 *
 * @module
 */
import { isPublicKey } from '../../core/option-table.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { isGenuine } from '../../core/verify.ts';
import { concat } from '../../encoding/bytes.ts';
import { encodeCbor } from '../../encoding/cbor/index.ts';
import { Failure, invalid } from '../../errors.ts';
import { type BoundTo, bytesGiven, checkNames, externalAadOf, payloadOf } from './options.ts';
import { type Sign1Options, unsignedSign1 } from './sign1.ts';
import { signatureStructure } from './signature-structure.ts';
import type { SigningKey } from './signer-headers.ts';
import { encodeCose } from './structure.ts';
import { decodeSign1 } from './verify.ts';
import { signatureAlgorithm } from './verify-signature.ts';

/** A COSE_Sign1 that waits for its signature. Both parts are bytes, to be kept as they are. */
export interface PreparedSign1 {
  /** What the signer signs: the message, not its digest. */
  readonly toBeSigned: Uint8Array<ArrayBuffer>;
  /** The structure, with nothing where the signature will be. */
  readonly unsigned: Uint8Array<ArrayBuffer>;
}

/** What is needed to finish. */
export interface CompleteSign1Options extends BoundTo {
  /** The key the signature must verify under. */
  readonly publicKey: PublicKey;
  /** The payload, where it is detached. */
  readonly payload?: Uint8Array;
}

const NOTHING = new Uint8Array();

/** Everything of a COSE_Sign1 but the signature. `signer` needs no private half. Failures as `signSign1`. */
export function prepareSign1(payload: Uint8Array, options: Sign1Options<SigningKey>): PreparedSign1 {
  const { toBeSigned, elements } = unsignedSign1(payload, options);
  return { toBeSigned, unsigned: encodeCose('sign1', [...elements, NOTHING], options.tagged) };
}

/**
 * Puts in the signature. What was signed is made again from `unsigned`, and a signature that does not
 * verify over it is `SIGNER_MISMATCH`. Something else than a prepared structure is `ARGUMENT_INVALID`.
 */
export async function completeSign1(
  unsigned: Uint8Array,
  signature: Uint8Array,
  options: CompleteSign1Options,
): Promise<Uint8Array<ArrayBuffer>> {
  checkNames(options, ['publicKey', 'payload', 'externalAad']);
  bytesGiven(signature, 'signature');
  const { publicKey } = options;
  if (!isPublicKey(publicKey)) throw invalid('a public key is needed', 'publicKey');
  const { headers, payload, signature: place } = decodeSign1(unsigned);
  if (place.length > 0) throw invalid('it is signed already', 'unsigned');
  const algorithm = signatureAlgorithm(headers, signature);
  const content = payloadOf(payload, options.payload);
  const message = signatureStructure(headers.protectedBytes, externalAadOf(options), content);
  if (!(await isGenuine(publicKey, algorithm, message, signature))) {
    throw new Failure('SIGNER_MISMATCH', 'the signature is not by the expected key', {
      algorithm,
      expected: publicKey.fingerprint,
    });
  }
  // The empty signature is the last item, and one byte long.
  return concat(unsigned.subarray(0, -1), encodeCbor(signature));
}
