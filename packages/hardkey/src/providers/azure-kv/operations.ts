/**
 * What a key of Key Vault does, as calls to it.
 *
 * @module
 */
import { digest, wrapTo } from '#crypto';
import type { AlgorithmFacts } from '../../core/algorithms.ts';
import { decryptionFailed } from '../../core/decryption-failed.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { Performer } from '../../core/performer.ts';
import { Failure, isFailure } from '../../errors.ts';
import { notAnswered } from './failures.ts';
import type { HeldKey } from './held-key.ts';

/** How keys of Key Vault perform. */
export const performer: Performer<HeldKey> = {
  // The service signs digests, and nothing else.
  sign: async (key, facts, message, options) =>
    signed(key, facts, await digest(facts.hash ?? 'SHA-256', message), options),
  signsDigests: () => true,
  signDigest: (key, facts, given, options) => signed(key, facts, given, options),
  encrypt: unsupported,
  decrypt: unsupported,
  // Whoever has the public key wraps, and we have it.
  wrap: ({ publicKey }, _facts, contentKey) => wrapTo(publicKey, contentKey),
  async unwrap(key, facts, wrapped, options) {
    // RFC 8017 §7.1.2 step 1: exactly as long as the modulus.
    if (wrapped.length !== modulusLength(key)) throw decryptionFailed(facts.name);
    // A key may be for either, and both do the same.
    const operation = key.operations.includes('unwrapKey') ? 'unwrapKey' : 'decrypt';
    try {
      return await key.ask(operation, facts.name, wrapped, options);
    } catch (error) {
      // Of a request that is as it must be, the service refuses the ciphertext alone.
      throw isFailure(error, 'ARGUMENT_INVALID') ? decryptionFailed(facts.name) : error;
    }
  },
  mac: unsupported,
  verifyMac: unsupported,
  agree: unsupported,
};

/** r‖s as it is (RFC 7518 §3.4), or the bytes of RSA. Anything of another length is no signature. */
async function signed(
  key: HeldKey,
  facts: AlgorithmFacts,
  hash: Uint8Array,
  options: CallOptions,
): Promise<Uint8Array> {
  const signature = await key.ask('sign', facts.name, hash, options);
  const length = facts.keyType === 'RSA' ? modulusLength(key) : facts.signatureLength;
  if (signature.length === length) return signature;
  throw notAnswered({ ...key.details, operation: 'sign' });
}

function modulusLength({ publicKey }: HeldKey): number {
  return Math.ceil((publicKey.bits ?? 0) / 8);
}

function unsupported(): never {
  throw new Failure('UNSUPPORTED', 'keys of Key Vault sign and wrap', { provider: 'azurekms' });
}
