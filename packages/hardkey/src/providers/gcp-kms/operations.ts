/**
 * What a key of Cloud KMS does, as calls to it.
 *
 * @module
 */
import { digest, wrapTo } from '#crypto';
import { type AlgorithmFacts, hashLength } from '../../core/algorithms.ts';
import { decryptionFailed } from '../../core/decryption-failed.ts';
import { nonceLength } from '../../core/nonces.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { Performer } from '../../core/performer.ts';
import { ecdsaFromDer } from '../../encoding/ecdsa.ts';
import { Failure, isFailure } from '../../errors.ts';
import { DIGESTS } from './algorithms.ts';
import { checkedBytes, type Fields } from './checksums.ts';
import { notAnswered } from './failures.ts';
import type { HeldKey, KeyMethod } from './held-key.ts';

/** Bytes of a field: 64 KiB. */
const LIMIT = 65_536;

/** Bytes that an HSM encrypts at a time, together with what is only authenticated: 8 KiB. */
const HSM_LIMIT = 8192;

/** Bytes that an HSM makes a code of: 16 KiB. */
const HSM_CODE_LIMIT = 16_384;

/** What a ciphertext of the service may have beside the plaintext. */
const OVERHEAD = 1024;
const TAG_LENGTH = 16;

/** How keys of Cloud KMS perform. */
export const performer: Performer<HeldKey> = {
  async sign(key, facts, message, options) {
    const { hash } = facts;
    // The hash is ours to compute, so that no message is too long.
    if (hash !== undefined) return performer.signDigest(key, facts, await digest(hash, message), options);
    checkLength(
      key,
      message.length,
      1,
      LIMIT,
      'of algorithms without a digest, 1 to 65,536 bytes are signed',
    );
    return signature(key, facts, await key.ask('asymmetricSign', { data: message }, options));
  },
  signsDigests: ({ hash }) => hash !== undefined,
  async signDigest(key, facts, given, options) {
    const form = { digest: { [DIGESTS[facts.hash ?? 'SHA-256']]: given } };
    return signature(key, facts, await key.ask('asymmetricSign', { digest: given }, options, form));
  },
  async seal(key, _facts, plaintext, aad, options) {
    checkEncryptable(key, plaintext, aad);
    const answer = await key.ask('rawEncrypt', { plaintext, ...bound(aad) }, options);
    const details = { ...key.details, operation: 'rawEncrypt' };
    const nonce = checkedBytes(answer, 'initializationVector', details);
    const ciphertext = checkedBytes(answer, 'ciphertext', details);
    if (nonce.length === nonceLength && ciphertext.length === plaintext.length + TAG_LENGTH) {
      return { nonce, ciphertext };
    }
    throw notAnswered(details);
  },
  encrypt() {
    throw new Failure('UNSUPPORTED', 'Cloud KMS draws the nonces itself', { provider: 'gcpkms' });
  },
  async decrypt(key, facts, { nonce, ciphertext }, aad, options) {
    if (ciphertext.length > LIMIT + TAG_LENGTH || aad.length > LIMIT) throw decryptionFailed(facts.name);
    const sent = { ciphertext, initializationVector: nonce, ...bound(aad) };
    const plaintext = await opened(key, facts, 'rawDecrypt', sent, options, { tagLength: TAG_LENGTH });
    if (plaintext.length === ciphertext.length - TAG_LENGTH) return plaintext;
    // The answer to another question: it does not name the key.
    throw notAnswered({ ...key.details, operation: 'rawDecrypt' });
  },
  async wrap(key, facts, contentKey, options) {
    // Whoever has the public key wraps, and we have it.
    if (facts.keyType === 'RSA') return wrapTo(publicKeyOf(key), contentKey);
    checkEncryptable(key, contentKey, key.aad);
    const answer = await key.ask('encrypt', { plaintext: contentKey, ...bound(key.aad) }, options);
    return checkedBytes(answer, 'ciphertext', { ...key.details, operation: 'encrypt' });
  },
  unwrap(key, facts, wrapped, options) {
    if (!canBeCiphertext(key, facts, wrapped)) throw decryptionFailed(facts.name);
    return facts.keyType === 'RSA'
      ? opened(key, facts, 'asymmetricDecrypt', { ciphertext: wrapped }, options)
      : opened(key, facts, 'decrypt', { ciphertext: wrapped, ...bound(key.aad) }, options);
  },
  async mac(key, facts, message, options) {
    checkCodable(key, message);
    const answer = await key.ask('macSign', { data: message }, options);
    const code = checkedBytes(answer, 'mac', { ...key.details, operation: 'macSign' });
    if (facts.hash !== undefined && code.length === hashLength(facts.hash)) return code;
    throw notAnswered({ ...key.details, operation: 'macSign' });
  },
  async verifyMac(key, facts, message, code, options) {
    checkCodable(key, message);
    // One of another length is none: nobody need be asked.
    if (facts.hash === undefined || code.length !== hashLength(facts.hash)) return false;
    const answer = await key.ask('macVerify', { data: message, mac: code }, options);
    const { success, verifiedSuccessIntegrity } = answer;
    // MacVerifyResponse.verified_success_integrity: where the two differ, the answer was changed on the way.
    if (typeof success === 'boolean' && success === verifiedSuccessIntegrity) return success;
    throw notAnswered({ ...key.details, operation: 'macVerify' });
  },
  agree() {
    throw new Failure('UNSUPPORTED', 'keys of Cloud KMS agree on no secrets here', { provider: 'gcpkms' });
  },
};

function signature(key: HeldKey, facts: AlgorithmFacts, answer: Fields): Uint8Array {
  const details = { ...key.details, operation: 'asymmetricSign' };
  const bytes = checkedBytes(answer, 'signature', details);
  if (facts.keyType !== 'EC') return bytes;
  try {
    return ecdsaFromDer(bytes, facts.signatureLength ?? 0);
  } catch (error) {
    throw isFailure(error, 'MALFORMED') ? notAnswered(details) : error;
  }
}

/** What a ciphertext hides, or one failure for all that can be wrong with it. */
async function opened(
  key: HeldKey,
  facts: AlgorithmFacts,
  method: KeyMethod,
  sent: Readonly<Record<string, Uint8Array>>,
  options: CallOptions,
  form: Fields = {},
): Promise<Uint8Array> {
  try {
    const answer = await key.ask(method, sent, options, { ...form });
    return checkedBytes(answer, 'plaintext', { ...key.details, operation: method });
  } catch (error) {
    // INVALID_ARGUMENT is what Cloud KMS has for whatever does not open.
    throw isFailure(error, 'ARGUMENT_INVALID') ? decryptionFailed(facts.name) : error;
  }
}

/** What cannot be a ciphertext is refused without asking, as everything that is none. */
function canBeCiphertext(key: HeldKey, { keyType }: AlgorithmFacts, { length }: Uint8Array): boolean {
  // RFC 8017 §7.1.2 step 1: exactly as long as the modulus.
  if (keyType === 'RSA') return length === Math.ceil((publicKeyOf(key).bits ?? 0) / 8);
  return length > 0 && length <= LIMIT + OVERHEAD;
}

/** An empty field is an absent one, of which there is nothing to vouch for. */
function bound(aad: Uint8Array): { readonly additionalAuthenticatedData?: Uint8Array } {
  return aad.length === 0 ? {} : { additionalAuthenticatedData: aad };
}

function checkEncryptable(key: HeldKey, plaintext: Uint8Array, aad: Uint8Array): void {
  const says = 'Cloud KMS encrypts 65,536 bytes at most: wrap a key, and encrypt with that';
  checkLength(key, Math.max(plaintext.length, aad.length), 0, LIMIT, says);
  const together = key.isInHsm ? plaintext.length + aad.length : 0;
  checkLength(key, together, 0, HSM_LIMIT, 'an HSM encrypts 8,192 bytes at most, associated data included');
}

function checkCodable(key: HeldKey, { length }: Uint8Array): void {
  const most = key.isInHsm ? HSM_CODE_LIMIT : LIMIT;
  checkLength(key, length, 0, most, `codes of this key are over ${most} bytes at most`);
}

function checkLength({ details }: HeldKey, length: number, least: number, most: number, says: string): void {
  if (length >= least && length <= most) return;
  throw new Failure('ARGUMENT_INVALID', says, { ...details, field: 'message' });
}

function publicKeyOf({ publicKey, details }: HeldKey): NonNullable<HeldKey['publicKey']> {
  if (publicKey !== undefined) return publicKey;
  throw new Failure('UNAVAILABLE', 'the public key is not known', details);
}
