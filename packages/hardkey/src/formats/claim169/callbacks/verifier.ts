/**
 * Verifier callbacks: how their answers are judged, and the callback of a trust.
 *
 * @module
 */
import { algorithm, type SignatureAlgorithm } from '../../../core/algorithms.ts';
import { isEd25519Signature } from '../../../core/crypto/ed25519.ts';
import type { CallOptions } from '../../../core/operations.ts';
import { isMoment, isTrust } from '../../../core/option-table.ts';
import { keyIdText } from '../../../core/trust/key-id.ts';
import { type Trust, verifyTrusted } from '../../../core/trust/trust.ts';
import { ownBytes } from '../../../encoding/bytes.ts';
import { Failure, invalid } from '../../../errors.ts';
import { keyIdOf } from '../../cose/headers.ts';
import { bytesGiven } from '../../cose/options.ts';
import { signatureStructure } from '../../cose/signature-structure.ts';
import { signatureAlgorithm } from '../../cose/verify-signature.ts';
import { standInOf, type VerifySigned } from '../signed.ts';
import { answerTo, checkCallback } from './ask.ts';
import { callbackFailure } from './causes.ts';
import type { ThrowingVerifierCallback, VerifierCallback } from './contracts.ts';
import { signatureAlgorithmOf, signatureName } from './names.ts';

/**
 * The verifier of a function that answers nothing when the signature is genuine and throws when it is
 * not, at once or by a promise. What it throws is `VERIFICATION_FAILED` with that error as its cause,
 * unless the error says that nobody was asked: an outage, a refusal and a missing key stay what they
 * are. An answer that does not fit is not taken for nothing.
 */
export function throwingVerifier(verify: ThrowingVerifierCallback): VerifierCallback {
  checkCallback(verify, 'verifier');
  return async (name, keyId, data, signature) => {
    let answer: unknown;
    try {
      answer = await verify(name, keyId, data, signature);
    } catch (thrown) {
      throw callbackFailure(thrown, 'verify', name, 'VERIFICATION_FAILED');
    }
    return answer === undefined ? true : accepted(answer);
  };
}

/**
 * The callback of a trust: whose keys it holds may sign, by the `kid` or whichever fits. It throws
 * `VERIFICATION_FAILED` with the check that failed. `at` is the verifier's time, now by default.
 */
export function verifierCallback(trust: Trust, at?: Date): VerifierCallback {
  if (!isTrust(trust)) throw invalid('a trust is needed', 'trust');
  if (at !== undefined && !isMoment(at)) throw invalid('not a time', 'at');
  return async (name, keyId, data, signature) => {
    if (keyId !== null) bytesGiven(keyId, 'keyId');
    bytesGiven(data, 'data');
    bytesGiven(signature, 'signature');
    await verifyTrusted(trust, {
      algorithm: signatureAlgorithmOf(name),
      message: data,
      signature,
      at: at ?? new Date(),
      ...(keyId === null ? {} : { keyId }),
    });
    return true;
  };
}

/** Verification by a callback, in the place of a trust. */
export function verifiedBy(callback: VerifierCallback, call: CallOptions): VerifySigned {
  checkCallback(callback, 'verifier');
  return async ({ headers, payload = NOTHING, signature }) => {
    const name = signatureAlgorithm(headers, signature);
    const keyId = keyIdOf(headers);
    if (!isWellFormed(name, signature)) throw forged(name);
    const message = signatureStructure(headers.protectedBytes, NOTHING, payload);
    const ask = () =>
      callback(
        signatureName(name),
        keyId === undefined ? null : ownBytes(keyId),
        message,
        ownBytes(signature),
      );
    const question = { operation: 'verify', algorithm: name, unknown: 'UNAVAILABLE', ask } as const;
    if (!accepted(await answerTo(question, call))) throw forged(name);
    return {
      checks: [{ name: 'signature', passed: true, detail: 'by the callback of the caller' }],
      by: { algorithm: name, ...(keyId && { keyId: keyIdText(keyId) }), ...standInOf(headers) },
    };
  };
}

const NOTHING = new Uint8Array();

/**
 * Whether an answer accepts. Nothing is taken for an answer that is none: a verifier that forgets to
 * answer, or whose promise sits inside its answer, would otherwise accept everything.
 */
function accepted(answer: unknown): boolean {
  const verdict: unknown =
    typeof answer === 'object' && answer !== null && 'valid' in answer ? answer.valid : answer;
  if (typeof verdict === 'boolean') return verdict;
  throw new Failure(
    'ARGUMENT_INVALID',
    'a verifier answers true or { valid: true }, false or { valid: false }: ' +
      'one that throws instead is given as throwingVerifier(fn)',
    { field: 'verifier', operation: 'verify' },
  );
}

/** What needs no key to be refused, so that every callback gives one verdict on it. */
function isWellFormed(name: SignatureAlgorithm, signature: Uint8Array): boolean {
  const { signatureLength = signature.length } = algorithm(name);
  if (signature.length !== signatureLength) return false;
  return name !== 'Ed25519' || isEd25519Signature(signature);
}

function forged(name: SignatureAlgorithm): Failure {
  return new Failure('VERIFICATION_FAILED', 'the signature is not valid', {
    algorithm: name,
    check: 'signature',
  });
}
