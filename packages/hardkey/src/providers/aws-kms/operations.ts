/**
 * What a key of KMS does, as calls to it.
 *
 * @module
 */
import { digest, wrapTo } from '#crypto';
import { type AlgorithmFacts, hashLength } from '../../core/algorithms.ts';
import { decryptionFailed } from '../../core/decryption-failed.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { Performer } from '../../core/performer.ts';
import { ecdsaFromDer } from '../../encoding/ecdsa.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import { rowOf } from './algorithms.ts';
import { notAnswered } from './failures.ts';
import type { HeldKey } from './held-key.ts';

/** Bytes that Sign, GenerateMac and Encrypt take: one at least. */
const LIMIT = 4096;

/** Bytes of the longest ciphertext that Decrypt takes. */
const CIPHERTEXT_LIMIT = 6144;

/** How keys of KMS perform. */
export const performer: Performer<HeldKey> = {
  async sign(key, facts, message, options) {
    const { hash } = facts;
    if (hash !== undefined && !isTaken(message)) {
      return signed(key, facts, 'DIGEST', await digest(hash, message), options);
    }
    checkLength(
      key.details,
      message,
      'of algorithms without a digest, KMS signs messages of 1 to 4,096 bytes',
    );
    return signed(key, facts, 'RAW', message, options);
  },
  signsDigests: ({ hash }) => hash !== undefined,
  signDigest: (key, facts, given, options) => signed(key, facts, 'DIGEST', given, options),
  encrypt: notAnAead,
  decrypt: notAnAead,
  async wrap(key, facts, contentKey, options) {
    // Whoever has the public key wraps, and we have it.
    if (facts.keyType === 'RSA') return wrapTo(publicKeyOf(key), contentKey);
    checkLength(key.details, contentKey, 'KMS encrypts 1 to 4,096 bytes: wrap a key, and encrypt with that');
    const { CiphertextBlob } = await key.ask(
      'Encrypt',
      { Plaintext: contentKey, ...contextOf(key) },
      options,
    );
    return something(CiphertextBlob, key, 'Encrypt');
  },
  async unwrap(key, facts, wrapped, options) {
    if (!canBeCiphertext(key, facts, wrapped)) throw decryptionFailed(facts.name);
    const how = facts.keyType === 'RSA' ? { EncryptionAlgorithm: rowOf(facts.name).name } : contextOf(key);
    try {
      const { Plaintext } = await key.ask('Decrypt', { CiphertextBlob: wrapped, ...how }, options);
      return something(Plaintext, key, 'Decrypt');
    } catch (error) {
      throw isFailure(error, 'DECRYPTION_FAILED') ? decryptionFailed(facts.name) : error;
    }
  },
  async generateKey(key, length, options) {
    const input = { NumberOfBytes: length, ...contextOf(key) };
    const { Plaintext, CiphertextBlob } = await key.ask('GenerateDataKey', input, options);
    return {
      contentKey: something(Plaintext, key, 'GenerateDataKey'),
      wrapped: something(CiphertextBlob, key, 'GenerateDataKey'),
    };
  },
  async mac(key, facts, message, options) {
    checkLength(key.details, message, 'KMS makes codes of 1 to 4,096 bytes');
    const MacAlgorithm = rowOf(facts.name).name;
    const { Mac } = await key.ask('GenerateMac', { Message: message, MacAlgorithm }, options);
    // One of another length is no code of this algorithm, and would be refused wherever it is checked.
    return Mac?.length === hashLength(facts.hash ?? 'SHA-256') ? Mac : missing(key, 'GenerateMac');
  },
  async verifyMac(key, facts, message, code, options) {
    checkLength(key.details, message, 'KMS checks codes of 1 to 4,096 bytes');
    if (code.length !== hashLength(facts.hash ?? 'SHA-256')) return false;
    const input = { Message: message, Mac: code, MacAlgorithm: rowOf(facts.name).name };
    try {
      return (await key.ask('VerifyMac', input, options)).MacValid === true;
    } catch (error) {
      if (isFailure(error, 'VERIFICATION_FAILED')) return false;
      throw error;
    }
  },
  agree() {
    throw new Failure('UNSUPPORTED', 'keys of AWS KMS agree on no secrets here', { provider: 'awskms' });
  },
};

async function signed(
  key: HeldKey,
  facts: AlgorithmFacts,
  MessageType: 'RAW' | 'DIGEST',
  Message: Uint8Array,
  options: CallOptions,
): Promise<Uint8Array> {
  const SigningAlgorithm = rowOf(facts.name).name;
  const answer = await key.ask('Sign', { Message, MessageType, SigningAlgorithm }, options);
  const Signature = answer.Signature ?? missing(key, 'Sign');
  if (answer.SigningAlgorithm !== SigningAlgorithm) return missing(key, 'Sign');
  return facts.keyType === 'EC' ? ecdsaFromDer(Signature, facts.signatureLength ?? 0) : Signature;
}

/** What cannot be a ciphertext is refused without asking, as everything that is none. */
function canBeCiphertext(key: HeldKey, facts: AlgorithmFacts, wrapped: Uint8Array): boolean {
  // RFC 8017 §7.1.2 step 1: exactly as long as the modulus.
  if (facts.keyType === 'RSA') return wrapped.length === Math.ceil((publicKeyOf(key).bits ?? 0) / 8);
  return wrapped.length > 0 && wrapped.length <= CIPHERTEXT_LIMIT;
}

function contextOf({ encryptionContext }: HeldKey): { readonly EncryptionContext?: Record<string, string> } {
  return encryptionContext === undefined ? {} : { EncryptionContext: { ...encryptionContext } };
}

/** Whether the service takes a message of this length. */
export function isTaken({ length }: Uint8Array): boolean {
  return length > 0 && length <= LIMIT;
}

/** Throws `ARGUMENT_INVALID` for what the service does not take. */
export function checkLength(details: FailureDetails, bytes: Uint8Array, message: string): void {
  if (isTaken(bytes)) return;
  throw new Failure('ARGUMENT_INVALID', message, { ...details, field: 'message' });
}

function publicKeyOf({ publicKey, details }: HeldKey): NonNullable<HeldKey['publicKey']> {
  if (publicKey !== undefined) return publicKey;
  throw new Failure('UNAVAILABLE', 'the public key is not known', details);
}

/** Bytes of an answer. KMS takes nothing empty, and gives nothing empty. */
function something(bytes: Uint8Array | undefined, key: HeldKey, operation: string): Uint8Array {
  return bytes !== undefined && bytes.length > 0 ? bytes : missing(key, operation);
}

function missing({ details }: HeldKey, operation: string): never {
  throw notAnswered({ ...details, operation });
}

function notAnAead(): never {
  throw new Failure('UNSUPPORTED', 'KMS hides the nonce: its keys wrap', { provider: 'awskms' });
}
