/**
 * A signer callback as a Signer, and the other way round.
 *
 * @module
 */
import { type AlgorithmFacts, algorithm, type SignatureAlgorithm } from '../../../core/algorithms.ts';
import type { CallOptions, Signer } from '../../../core/operations.ts';
import { checkOptions, isKeyId, isPublicKey, type TableOf } from '../../../core/option-table.ts';
import type { PublicKey } from '../../../core/public-key.ts';
import { isGenuine, keyFits } from '../../../core/verify.ts';
import { ownBytes } from '../../../encoding/bytes.ts';
import { Failure } from '../../../errors.ts';
import { bytesGiven, keyGiven } from '../../cose/options.ts';
import { answerTo, checkCallback } from './ask.ts';
import type { SignatureName, SignerCallback } from './contracts.ts';
import { callbackKey } from './key-info.ts';
import { type KeyIdSource, keyIdBytesOf, signatureAlgorithmOf, signatureName } from './names.ts';

/** What is known of the key behind a signer callback. */
export interface SignerCallbackOptions {
  /** What the callback gets as `keyId`. Default: none. */
  readonly keyId?: KeyIdSource;
  /**
   * The public key. Give it: then nothing is released that does not verify under it. Without it a
   * wrong key or a broken device is noticed by whoever verifies first.
   */
  readonly publicKey?: PublicKey;
}

/**
 * A Signer that asks a callback. What it answers is held to the algorithm's length and, where the
 * public key is known, verified before it is released: anything else is `SIGNER_MISMATCH`. An error it
 * throws is the `cause` of `UNAVAILABLE`, `OVERLOADED`, `DENIED` or `KEY_NOT_FOUND`.
 *
 * Without a public key, reading `publicKey` of the Signer is `ARGUMENT_INVALID`.
 */
export function signerFrom(
  callback: SignerCallback,
  name: SignatureName | SignatureAlgorithm,
  options: SignerCallbackOptions = {},
): Signer {
  checkCallback(callback, 'signer');
  const facts = algorithm(signatureAlgorithmOf(name));
  checkOptions(options, TABLE);
  const { publicKey } = options;
  if (publicKey !== undefined && !keyFits(publicKey, facts)) {
    throw new Failure('ARGUMENT_INVALID', 'the key is not for this algorithm', {
      field: 'publicKey',
      algorithm: facts.name,
    });
  }
  const keyId = keyIdBytesOf(options.keyId);
  const own = facts.name as SignatureAlgorithm;
  return Object.freeze({
    algorithm: own,
    key: callbackKey(own, publicKey),
    get publicKey() {
      return publicKey ?? noPublicKey();
    },
    async sign(message, call) {
      const ask = () => callback(signatureName(own), keyId && ownBytes(keyId), ownBytes(message));
      const question = { operation: 'sign', algorithm: own, unknown: 'UNAVAILABLE', ask } as const;
      return checked(await answerTo(question, call), message, facts, publicKey);
    },
  } satisfies Signer);
}

/** The callback of a Signer. Another algorithm than the Signer's is `UNSUPPORTED`. */
export function signerCallback(signer: Signer): SignerCallback {
  keyGiven(signer, 'signer');
  return async (name, _keyId, data) => {
    bytesGiven(data, 'data');
    const asked = signatureAlgorithmOf(name);
    if (asked === signer.algorithm) return signer.sign(data, NO_OPTIONS);
    throw new Failure('UNSUPPORTED', 'the key signs with another algorithm', { algorithm: asked });
  };
}

const TABLE: TableOf<SignerCallbackOptions> = { keyId: isKeyId, publicKey: isPublicKey };
const NO_OPTIONS: CallOptions = {};

/** A copy of the answer, when it is a signature. Callbacks may use their buffers again. */
async function checked(
  answer: unknown,
  message: Uint8Array,
  facts: AlgorithmFacts,
  publicKey: PublicKey | undefined,
): Promise<Uint8Array> {
  if (!(answer instanceof Uint8Array))
    throw mismatch('the signer answered with something else than bytes', facts);
  const signature = ownBytes(answer);
  const length = facts.keyType === 'RSA' ? rsaLength(publicKey) : facts.signatureLength;
  if (signature.length === 0 || signature.length !== (length ?? signature.length)) {
    const der = facts.keyType === 'EC' && signature[0] === 0x30 ? ': DER is read by ecdsaFromDer' : '';
    throw mismatch(`the signature has another length than the algorithm's${der}`, facts);
  }
  if (publicKey === undefined) return signature;
  if (await isGenuine(publicKey, facts.name as SignatureAlgorithm, message, signature)) return signature;
  throw mismatch('the signature is not by the expected key', facts, publicKey);
}

function rsaLength(publicKey: PublicKey | undefined): number | undefined {
  return publicKey?.bits === undefined ? undefined : Math.ceil(publicKey.bits / 8);
}

function mismatch(message: string, { name }: AlgorithmFacts, publicKey?: PublicKey): Failure {
  const expected = publicKey === undefined ? {} : { expected: publicKey.fingerprint };
  return new Failure('SIGNER_MISMATCH', message, { operation: 'sign', algorithm: name, ...expected });
}

function noPublicKey(): never {
  throw new Failure('ARGUMENT_INVALID', 'the public key of the callback was not given', {
    field: 'publicKey',
  });
}
