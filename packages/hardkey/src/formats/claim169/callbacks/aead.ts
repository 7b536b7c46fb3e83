/**
 * Encryptor and decryptor callbacks as an Aead, and the other way round.
 *
 * @module
 */
import type { AeadAlgorithm } from '../../../core/algorithms.ts';
import { nextNonce, nonceLength } from '../../../core/nonces.ts';
import type { Aead, Decryptor, Encryptor, Sealed } from '../../../core/operations.ts';
import { checkOptions, isKeyId, type TableOf } from '../../../core/option-table.ts';
import { isJsonObject } from '../../../core/trust/strict-json.ts';
import { equalBytes, ownBytes } from '../../../encoding/bytes.ts';
import { Failure, invalid } from '../../../errors.ts';
import { bytesGiven, keyGiven } from '../../cose/options.ts';
import { answerTo, checkCallback } from './ask.ts';
import type { DecryptorCallback, EncryptorCallback } from './contracts.ts';
import { callbackKey } from './key-info.ts';
import { encryptionAlgorithmOf, type KeyIdSource, keyIdBytesOf } from './names.ts';

/** What is known of the key behind an encryptor or decryptor callback. */
export interface AeadCallbackOptions {
  /** What the callback gets as `keyId`. Default: none. */
  readonly keyId?: KeyIdSource;
}

const TABLE: TableOf<AeadCallbackOptions> = { keyId: isKeyId };

/** Every AEAD of the table has a tag of this length. */
const TAG_LENGTH = 16;

/**
 * An Encryptor that asks a callback. Nonces are random, and refused with `DENIED` after 2^32 for one
 * callback (SP 800-38D §8.3); a callback may answer with a nonce of its own. An answer of another
 * length than plaintext and tag is `ARGUMENT_INVALID`, field `encryptor`.
 */
export function encryptorFrom(
  callback: EncryptorCallback,
  name: AeadAlgorithm,
  options: AeadCallbackOptions = {},
): Encryptor {
  checkCallback(callback, 'encryptor');
  checkOptions(options, TABLE);
  const own = encryptionAlgorithmOf(name);
  const keyId = keyIdBytesOf(options.keyId);
  return Object.freeze({
    algorithm: own,
    key: callbackKey(own),
    async encrypt(plaintext, aad, call = {}) {
      const { nonce = nextNonce(callback), ...rest } = call;
      if (nonce.length !== nonceLength)
        throw new Failure('ARGUMENT_INVALID', 'a nonce has 12 bytes', { field: 'nonce' });
      const ask = () =>
        callback(own, keyId && ownBytes(keyId), ownBytes(nonce), ownBytes(aad), ownBytes(plaintext));
      const question = { operation: 'encrypt', algorithm: own, unknown: 'UNAVAILABLE', ask } as const;
      return sealed(await answerTo(question, rest), nonce, plaintext);
    },
  } satisfies Encryptor);
}

/**
 * A Decryptor that asks a callback. What is too short, does not open, or opens to something that is no
 * plaintext of its length is `DECRYPTION_FAILED`: one failure, whatever was wrong. An outage or a
 * refusal stays what it is.
 */
export function decryptorFrom(
  callback: DecryptorCallback,
  name: AeadAlgorithm,
  options: AeadCallbackOptions = {},
): Decryptor {
  checkCallback(callback, 'decryptor');
  checkOptions(options, TABLE);
  const own = encryptionAlgorithmOf(name);
  const keyId = keyIdBytesOf(options.keyId);
  return Object.freeze({
    algorithm: own,
    key: callbackKey(own),
    async decrypt({ nonce, ciphertext }, aad, call) {
      const length = ciphertext.length - TAG_LENGTH;
      if (nonce.length !== nonceLength || length < 0) throw notOpened(own);
      const ask = () =>
        callback(own, keyId && ownBytes(keyId), ownBytes(nonce), ownBytes(aad), ownBytes(ciphertext));
      const question = { operation: 'decrypt', algorithm: own, unknown: 'DECRYPTION_FAILED', ask } as const;
      const plaintext = await answerTo(question, call);
      if (plaintext instanceof Uint8Array && plaintext.length === length) return ownBytes(plaintext);
      throw notOpened(own);
    },
  } satisfies Decryptor);
}

/** Both halves as one Aead. */
export function aeadFrom(
  callbacks: { readonly encryptor: EncryptorCallback; readonly decryptor: DecryptorCallback },
  name: AeadAlgorithm,
  options: AeadCallbackOptions = {},
): Aead {
  if (!isJsonObject(callbacks)) throw invalid('an encryptor and a decryptor are needed', 'callbacks');
  const { algorithm, key, encrypt } = encryptorFrom(callbacks.encryptor, name, options);
  const { decrypt } = decryptorFrom(callbacks.decryptor, name, options);
  return Object.freeze({ algorithm, key, encrypt, decrypt } satisfies Aead);
}

/** The callback of an Encryptor. It draws the nonce itself and answers with it: the one it is given is not used. */
export function encryptorCallback(encryptor: Encryptor): EncryptorCallback {
  keyGiven(encryptor, 'encryptor');
  return async (name, _keyId, _nonce, aad, plaintext) => {
    checkAlgorithm(name, encryptor);
    bytesGiven(aad, 'aad');
    bytesGiven(plaintext, 'plaintext');
    return encryptor.encrypt(plaintext, aad);
  };
}

/** The callback of a Decryptor. */
export function decryptorCallback(decryptor: Decryptor): DecryptorCallback {
  keyGiven(decryptor, 'decryptor');
  return async (name, _keyId, nonce, aad, ciphertext) => {
    checkAlgorithm(name, decryptor);
    bytesGiven(nonce, 'nonce');
    bytesGiven(aad, 'aad');
    bytesGiven(ciphertext, 'ciphertext');
    return decryptor.decrypt({ nonce, ciphertext }, aad);
  };
}

function checkAlgorithm(name: string, { algorithm }: Encryptor | Decryptor): void {
  if (name === algorithm) return;
  throw new Failure('UNSUPPORTED', 'the key is for another algorithm', { algorithm: name });
}

function sealed(answer: unknown, given: Uint8Array, plaintext: Uint8Array): Sealed {
  const { nonce, ciphertext } =
    answer instanceof Uint8Array ? { nonce: given, ciphertext: answer } : parts(answer);
  if (!(ciphertext instanceof Uint8Array) || ciphertext.length !== plaintext.length + TAG_LENGTH) {
    throw refused('the ciphertext is not as long as the plaintext and its tag');
  }
  if (!(nonce instanceof Uint8Array) || nonce.length !== nonceLength) throw refused('a nonce has 12 bytes');
  // A stand-in that was forgotten would publish what it was to hide. A few bytes may be the same by chance.
  const isTelling = plaintext.length >= TAG_LENGTH;
  if (isTelling && equalBytes(ciphertext.subarray(0, plaintext.length), plaintext)) {
    throw refused('the ciphertext is the plaintext');
  }
  return { nonce: ownBytes(nonce), ciphertext: ownBytes(ciphertext) };
}

function parts(answer: unknown): { readonly nonce?: unknown; readonly ciphertext?: unknown } {
  return typeof answer === 'object' && answer !== null ? answer : {};
}

function refused(message: string): Failure {
  return new Failure('ARGUMENT_INVALID', message, { field: 'encryptor', operation: 'encrypt' });
}

function notOpened(name: AeadAlgorithm): Failure {
  return new Failure('DECRYPTION_FAILED', 'it does not open', { algorithm: name, operation: 'decrypt' });
}
