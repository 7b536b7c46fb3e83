/**
 * The operations of a key, whoever performs them: what is checked, and the shape of the results, are
 * the same for a key of this process and for one in a device.
 *
 * @module
 */

import { Failure } from '../errors.ts';
import type {
  AeadAlgorithm,
  AgreementAlgorithm,
  AlgorithmFacts,
  MacAlgorithm,
  SignatureAlgorithm,
  WrapAlgorithm,
} from './algorithms.ts';
import { hashLength } from './algorithms.ts';
import type { Guard, Purpose } from './bound-key.ts';
import { checkContentKey } from './check-content-key.ts';
import type { Soon } from './crypto/types.ts';
import { decryptionFailed } from './decryption-failed.ts';
import type { KeyInfo } from './key.ts';
import { nextNonce, nonceLength } from './nonces.ts';
import type {
  Aead,
  CallOptions,
  DigestSigner,
  GeneratedKey,
  KeyAgreement,
  KeyWrapper,
  Mac,
  Sealed,
  Signer,
} from './operations.ts';
import type { PublicKey } from './public-key.ts';

/** Who performs the operations of a key, which is whatever he knows it by. */
export interface Performer<K extends object> {
  sign(key: K, facts: AlgorithmFacts, message: Uint8Array, options: CallOptions): Soon<Uint8Array>;
  /** Whether he signs digests with an algorithm. */
  signsDigests(facts: AlgorithmFacts, key: K): boolean;
  signDigest(key: K, facts: AlgorithmFacts, digest: Uint8Array, options: CallOptions): Soon<Uint8Array>;
  encrypt(
    key: K,
    facts: AlgorithmFacts,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    aad: Uint8Array,
    options: CallOptions,
  ): Soon<Uint8Array>;
  /** Instead of `encrypt` where the backend draws the nonces itself and takes none. */
  seal?(
    key: K,
    facts: AlgorithmFacts,
    plaintext: Uint8Array,
    aad: Uint8Array,
    options: CallOptions,
  ): Soon<Sealed>;
  /** Throws `DECRYPTION_FAILED`, whatever was wrong. */
  decrypt(
    key: K,
    facts: AlgorithmFacts,
    sealed: Sealed,
    aad: Uint8Array,
    options: CallOptions,
  ): Soon<Uint8Array>;
  wrap(key: K, facts: AlgorithmFacts, contentKey: Uint8Array, options: CallOptions): Soon<Uint8Array>;
  /** Throws `DECRYPTION_FAILED`, whatever was wrong. */
  unwrap(key: K, facts: AlgorithmFacts, wrapped: Uint8Array, options: CallOptions): Soon<Uint8Array>;
  /** Draws a content key and wraps it by `service`, where the backend does both in one call. */
  generateKey?(key: K, length: number, options: CallOptions): Soon<GeneratedKey>;
  mac(key: K, facts: AlgorithmFacts, message: Uint8Array, options: CallOptions): Soon<Uint8Array>;
  /** Whether the code is right, compared in a time that does not depend on where it is wrong. */
  verifyMac(
    key: K,
    facts: AlgorithmFacts,
    message: Uint8Array,
    code: Uint8Array,
    options: CallOptions,
  ): Soon<boolean>;
  agree(key: K, peer: PublicKey, options: CallOptions): Soon<Uint8Array>;
}

/** A key with the algorithm it is bound to. */
export interface Held<K extends object> {
  readonly info: KeyInfo;
  readonly key: K;
  readonly facts: AlgorithmFacts;
  readonly guard: Guard;
  readonly by: Performer<K>;
}

const TAG_LENGTH = 16;

/** Signs messages. */
export function signer<K extends object>(held: Held<K>): Signer {
  const { key, facts, by } = held;
  return {
    ...bound<SignatureAlgorithm>(held),
    publicKey: publicKeyOf(held),
    sign: (message, options) => run(held, 'protect', options, (given) => by.sign(key, facts, message, given)),
  };
}

/** Signs digests of the algorithm's hash. */
export function digestSigner<K extends object>(held: Held<K>): DigestSigner {
  const { key, facts, by } = held;
  if (facts.hash === undefined) {
    throw new Failure('UNSUPPORTED', 'the algorithm signs messages only', { algorithm: facts.name });
  }
  if (!by.signsDigests(facts, key)) {
    throw new Failure('UNSUPPORTED', 'the key signs messages only', { algorithm: facts.name });
  }
  const length = hashLength(facts.hash);
  return {
    ...bound<SignatureAlgorithm>(held),
    publicKey: publicKeyOf(held),
    signDigest: (digest, options) =>
      run(held, 'protect', options, (given) => {
        exactly(digest, length, 'digest');
        return by.signDigest(key, facts, digest, given);
      }),
  };
}

/** Encrypts and decrypts with associated data. */
export function aead<K extends object>(held: Held<K>): Aead {
  const { key, facts, by } = held;
  return {
    ...bound<AeadAlgorithm>(held),
    encrypt: (plaintext, aad, options) =>
      run(held, 'protect', options, async (given) => {
        if (by.seal !== undefined) {
          checkOwnNonce(options?.nonce, facts);
          return by.seal(key, facts, plaintext, aad, given);
        }
        const nonce = options?.nonce ?? nextNonce(key);
        exactly(nonce, nonceLength, 'nonce');
        return { nonce, ciphertext: await by.encrypt(key, facts, nonce, plaintext, aad, given) };
      }),
    decrypt: (sealed, aad, options) =>
      run(held, 'process', options, (given) => {
        const { nonce, ciphertext } = sealed;
        if (nonce.length !== nonceLength || ciphertext.length < TAG_LENGTH) {
          throw decryptionFailed(facts.name);
        }
        return by.decrypt(key, facts, sealed, aad, given);
      }),
  };
}

/** Wraps and unwraps content keys. */
export function wrapper<K extends object>(held: Held<K>): KeyWrapper {
  const { key, facts, by } = held;
  return {
    ...bound<WrapAlgorithm>(held),
    wrap: (contentKey, options) =>
      run(held, 'protect', options, (given) => {
        checkContentKey(contentKey, facts, held.info.publicKey);
        return by.wrap(key, facts, contentKey, given);
      }),
    unwrap: (wrapped, options) =>
      run(held, 'process', options, (given) => {
        // RFC 3394 §2.2.1: two blocks and the check value; RFC 5649 §3: one. OpenSSL unwraps nothing to nothing.
        if (facts.keyType === 'oct' && wrapped.length < (facts.padded ? 16 : 24)) {
          throw decryptionFailed(facts.name);
        }
        return by.unwrap(key, facts, wrapped, given);
      }),
    ...(facts.name === 'service' ? generating(held) : {}),
  };
}

function generating<K extends object>(held: Held<K>): Pick<KeyWrapper, 'generateKey'> {
  const { key, by } = held;
  if (by.generateKey === undefined) return {};
  return {
    generateKey: (length, options) =>
      run(held, 'protect', options, async (given) => {
        const made = await by.generateKey?.(key, length, given);
        if (made?.contentKey.length === length) return made;
        throw new Failure('UNAVAILABLE', 'the content key is not as long as was asked for', {
          ref: String(held.info.ref),
        });
      }),
  };
}

/** Makes and checks authentication codes. */
export function macKey<K extends object>(held: Held<K>): Mac {
  const { key, facts, by } = held;
  return {
    ...bound<MacAlgorithm>(held),
    mac: (message, options) => run(held, 'protect', options, (given) => by.mac(key, facts, message, given)),
    verifyMac: (message, code, options) =>
      run(held, 'process', options, async (given) => {
        if (!(await by.verifyMac(key, facts, message, code, given))) {
          throw new Failure('VERIFICATION_FAILED', 'the code is not right', {
            algorithm: facts.name,
            check: 'mac',
          });
        }
      }),
  };
}

/** Agrees on shared secrets. */
export function agreement<K extends object>(held: Held<K>): KeyAgreement {
  const { key, by } = held;
  const publicKey = publicKeyOf(held);
  return {
    ...bound<AgreementAlgorithm>(held),
    publicKey,
    agree: (peer, options) =>
      run(held, 'process', options, (given) => {
        if (peer.curve !== publicKey.curve) {
          throw new Failure('ARGUMENT_INVALID', 'the other key is on another curve', { field: 'peer' });
        }
        return by.agree(key, peer, given);
      }),
  };
}

function bound<A extends string>({
  info,
  facts,
}: Pick<Held<object>, 'info' | 'facts'>): { readonly algorithm: A; readonly key: KeyInfo } {
  return { algorithm: facts.name as string as A, key: info };
}

async function run<T>(
  { guard }: Pick<Held<object>, 'guard'>,
  purpose: Purpose,
  options: CallOptions = {},
  operate: (options: CallOptions) => Soon<T>,
): Promise<T> {
  options.signal?.throwIfAborted();
  guard(purpose);
  return operate(options);
}

function publicKeyOf({ info }: Pick<Held<object>, 'info'>): PublicKey {
  if (info.publicKey !== undefined) return info.publicKey;
  throw new Failure('ARGUMENT_INVALID', 'a signing key has a public half', { ref: String(info.ref) });
}

function checkOwnNonce(nonce: Uint8Array | undefined, { name }: AlgorithmFacts): void {
  if (nonce === undefined) return;
  throw new Failure('UNSUPPORTED', 'the backend draws the nonces of this key itself', {
    algorithm: name,
    field: 'nonce',
  });
}

function exactly(bytes: Uint8Array, length: number, field: string): void {
  if (bytes.length === length) return;
  throw new Failure('ARGUMENT_INVALID', `the ${field} must be ${length} bytes long`, { field });
}
