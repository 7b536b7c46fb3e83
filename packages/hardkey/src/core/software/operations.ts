/**
 * The operations of a key held by this process.
 *
 * @module
 */

import { runtime } from '#crypto';
import * as software from '#software';
import { Failure } from '../../errors.ts';
import type {
  AeadAlgorithm,
  AgreementAlgorithm,
  AlgorithmFacts,
  MacAlgorithm,
  SignatureAlgorithm,
  WrapAlgorithm,
} from '../algorithms.ts';
import { hashLength } from '../algorithms.ts';
import type { Soon } from '../crypto/types.ts';
import type { KeyInfo } from '../key.ts';
import { nextNonce, nonceLength } from '../nonces.ts';
import type {
  Aead,
  CallOptions,
  DigestSigner,
  KeyAgreement,
  KeyWrapper,
  Mac,
  Signer,
} from '../operations.ts';
import type { PublicKey } from '../public-key.ts';
import { decryptionFailed, unsupported } from './failures.ts';
import type { Guard, Purpose } from './key.ts';
import type { SoftwareKey } from './types.ts';

/** A key with the algorithm it is bound to. */
export interface Held {
  readonly info: KeyInfo;
  readonly key: SoftwareKey;
  readonly facts: AlgorithmFacts;
  readonly guard: Guard;
}

const TAG_LENGTH = 16;

/** Signs messages. */
export function signer(held: Held): Signer {
  const { key, facts } = held;
  return {
    ...bound<SignatureAlgorithm>(held),
    publicKey: publicKeyOf(held),
    sign: (message, options) => run(held, 'protect', options, () => software.sign(key, facts, message)),
  };
}

/** Signs digests of the algorithm's hash. */
export function digestSigner(held: Held): DigestSigner {
  const { key, facts } = held;
  if (facts.hash === undefined) {
    throw new Failure('UNSUPPORTED', 'the algorithm signs messages only', { algorithm: facts.name });
  }
  if (!software.signsDigests(facts)) throw unsupported(runtime, `${facts.name} over a digest`);
  const length = hashLength(facts.hash);
  return {
    ...bound<SignatureAlgorithm>(held),
    publicKey: publicKeyOf(held),
    signDigest: (digest, options) =>
      run(held, 'protect', options, () => {
        exactly(digest, length, 'digest');
        return software.signDigest(key, facts, digest);
      }),
  };
}

/** Encrypts and decrypts with associated data. */
export function aead(held: Held): Aead {
  const { key, facts } = held;
  return {
    ...bound<AeadAlgorithm>(held),
    encrypt: (plaintext, aad, options) =>
      run(held, 'protect', options, async () => {
        const nonce = options?.nonce ?? nextNonce(key);
        exactly(nonce, nonceLength, 'nonce');
        return { nonce, ciphertext: await software.encrypt(key, facts, nonce, plaintext, aad) };
      }),
    decrypt: (sealed, aad, options) =>
      run(held, 'process', options, () => {
        const { nonce, ciphertext } = sealed;
        if (nonce.length !== nonceLength || ciphertext.length < TAG_LENGTH) {
          throw decryptionFailed(facts.name);
        }
        return software.decrypt(key, facts, sealed, aad);
      }),
  };
}

/** Wraps and unwraps content keys. */
export function wrapper(held: Held): KeyWrapper {
  const { key, facts } = held;
  return {
    ...bound<WrapAlgorithm>(held),
    wrap: (contentKey, options) =>
      run(held, 'protect', options, () => {
        checkContentKey(contentKey, facts);
        return software.wrap(key, facts, contentKey);
      }),
    unwrap: (wrapped, options) =>
      run(held, 'process', options, () => {
        // RFC 3394 §2.2.1: two blocks and the check value. OpenSSL unwraps nothing at all to nothing.
        if (facts.keyType === 'oct' && wrapped.length < 24) throw decryptionFailed(facts.name);
        return software.unwrap(key, facts, wrapped);
      }),
  };
}

/** Makes and checks authentication codes. */
export function macKey(held: Held): Mac {
  const { key, facts } = held;
  return {
    ...bound<MacAlgorithm>(held),
    mac: (message, options) => run(held, 'protect', options, () => software.mac(key, facts, message)),
    verifyMac: (message, code, options) =>
      run(held, 'process', options, async () => {
        if (!(await software.verifyMac(key, facts, message, code))) {
          throw new Failure('VERIFICATION_FAILED', 'the code is not right', {
            algorithm: facts.name,
            check: 'mac',
          });
        }
      }),
  };
}

/** Agrees on shared secrets. */
export function agreement(held: Held): KeyAgreement {
  const { key } = held;
  const publicKey = publicKeyOf(held);
  return {
    ...bound<AgreementAlgorithm>(held),
    publicKey,
    agree: (peer, options) =>
      run(held, 'process', options, () => {
        if (peer.curve !== publicKey.curve) {
          throw new Failure('ARGUMENT_INVALID', 'the other key is on another curve', { field: 'peer' });
        }
        return software.agree(key, peer);
      }),
  };
}

function bound<A extends string>({ info, facts }: Held): { readonly algorithm: A; readonly key: KeyInfo } {
  return { algorithm: facts.name as string as A, key: info };
}

async function run<T>(
  { guard }: Held,
  purpose: Purpose,
  options: CallOptions | undefined,
  operate: () => Soon<T>,
): Promise<T> {
  options?.signal?.throwIfAborted();
  guard(purpose);
  return operate();
}

function publicKeyOf({ info }: Held): PublicKey {
  if (info.publicKey !== undefined) return info.publicKey;
  throw new Failure('ARGUMENT_INVALID', 'a signing key has a public half', { ref: String(info.ref) });
}

function exactly(bytes: Uint8Array, length: number, field: string): void {
  if (bytes.length === length) return;
  throw new Failure('ARGUMENT_INVALID', `the ${field} must be ${length} bytes long`, { field });
}

/** RFC 3394 §2: AES-KW takes two or more blocks of 8 bytes. */
function checkContentKey(contentKey: Uint8Array, facts: AlgorithmFacts): void {
  if (facts.keyType !== 'oct' || (contentKey.length >= 16 && contentKey.length % 8 === 0)) return;
  throw new Failure('ARGUMENT_INVALID', 'AES-KW wraps 16 bytes or more, a multiple of 8', {
    algorithm: facts.name,
    field: 'contentKey',
  });
}
