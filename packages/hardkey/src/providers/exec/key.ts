/**
 * The key of a signer program, as the interface shows it.
 *
 * @module
 */
import { digest } from '#crypto';
import {
  type Algorithm,
  type AlgorithmFacts,
  type Algorithms,
  hashLength,
  type SignatureAlgorithm,
} from '../../core/algorithms.ts';
import type { Key, KeyInfo } from '../../core/key.ts';
import type { CallOptions, DigestSigner, Signer } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { Failure } from '../../errors.ts';

/** What a program does with the key. */
export interface Abilities {
  readonly sign: (message: Uint8Array, options: CallOptions) => Promise<Uint8Array>;
  /** Absent where the program takes messages only. */
  readonly signDigest?: (digest: Uint8Array, options: CallOptions) => Promise<Uint8Array>;
  /** The longest message that it takes, in bytes; longer ones are signed by their digest. */
  readonly maxMessage: number;
}

/** A key for one algorithm. */
export function execKey(
  info: KeyInfo & { readonly publicKey: PublicKey },
  facts: AlgorithmFacts,
  abilities: Abilities,
): Key {
  const { publicKey, ref } = info;
  const bound = { algorithm: facts.name as SignatureAlgorithm, key: info, publicKey };

  function check(name: Algorithm): void {
    if (name === facts.name) return;
    throw new Failure('UNSUPPORTED', 'not with this key', { algorithm: name, ref: String(ref) });
  }

  const signer: Signer = Object.freeze({
    ...bound,
    sign: async (message: Uint8Array, options: CallOptions = {}) => {
      if (message.length <= abilities.maxMessage) return abilities.sign(message, options);
      if (facts.hash !== undefined && abilities.signDigest !== undefined) {
        return abilities.signDigest(await digest(facts.hash, message), options);
      }
      throw new Failure('ARGUMENT_INVALID', 'the message is longer than the signer program takes', {
        field: 'message',
        ref: String(ref),
      });
    },
  });

  return Object.freeze({
    ...info,
    use<A extends Algorithm>(name: A): Algorithms[A] {
      check(name);
      return signer as Algorithms[Algorithm] as Algorithms[A];
    },
    useDigest(name: SignatureAlgorithm): DigestSigner {
      check(name);
      const { signDigest } = abilities;
      if (facts.hash === undefined || signDigest === undefined) {
        throw new Failure('UNSUPPORTED', 'the signer program takes messages only', {
          algorithm: name,
          ref: String(ref),
        });
      }
      const length = hashLength(facts.hash);
      return Object.freeze({
        ...bound,
        signDigest: async (given: Uint8Array, options: CallOptions = {}) => {
          if (given.length === length) return signDigest(given, options);
          throw new Failure('ARGUMENT_INVALID', `the digest must be ${length} bytes long`, {
            field: 'digest',
          });
        },
      });
    },
  });
}
