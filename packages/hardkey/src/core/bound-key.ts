/**
 * A key as the interface shows it: over whoever performs its operations, who may be this process.
 *
 * @module
 */
import { Failure, type FailureDetails } from '../errors.ts';
import {
  type Algorithm,
  type AlgorithmFacts,
  type Algorithms,
  algorithm,
  type OperationKind,
  type SignatureAlgorithm,
} from './algorithms.ts';
import type { Key, KeyInfo } from './key.ts';
import type { DigestSigner } from './operations.ts';
import {
  aead,
  agreement,
  digestSigner,
  type Held,
  macKey,
  type Performer,
  signer,
  wrapper,
} from './performer.ts';

/**
 * What an operation does to data, in the words of KMIP: `protect` signs, encrypts, wraps and makes
 * codes; `process` decrypts, unwraps, agrees and checks codes.
 */
export type Purpose = 'protect' | 'process';

/**
 * What a state allows: a compromised key, and one that is superseded, still open what was made for them, a
 * suspended or destroyed one does nothing. Throws `DENIED`, field `state`.
 */
export function checkState(
  { ref, state, superseded }: Pick<KeyInfo, 'ref' | 'state' | 'superseded'>,
  purpose: Purpose,
): void {
  const details = { ref: String(ref) };
  if (state !== 'active' && !(state === 'compromised' && purpose === 'process')) {
    throw new Failure('DENIED', `the key is ${state}`, { ...details, field: 'state' });
  }
  if (superseded === true && purpose === 'protect') throw supersededFailure(details);
}

/** Of a key that makes nothing new. */
export function supersededFailure(details: FailureDetails): Failure<'DENIED'> {
  return new Failure('DENIED', 'a later version took its place', { ...details, field: 'state' });
}

/** Called before each use. Throws when the key may not serve the purpose now. */
export type Guard = (purpose: Purpose) => void;

const BINDINGS: Readonly<Record<OperationKind, <K extends object>(held: Held<K>) => Algorithms[Algorithm]>> =
  {
    sign: signer,
    aead,
    wrap: wrapper,
    mac: macKey,
    agree: agreement,
  };

/** A key of the interface over whatever `by` knows it by. */
export function boundKey<K extends object>(info: KeyInfo, key: K, guard: Guard, by: Performer<K>): Key {
  return Object.freeze({
    ...info,
    use<A extends Algorithm>(name: A): Algorithms[A] {
      const facts = allowed(info, name);
      return BINDINGS[facts.operation]({ info, key, facts, guard, by }) as Algorithms[A];
    },
    useDigest(name: SignatureAlgorithm): DigestSigner {
      return digestSigner({ info, key, facts: allowed(info, name), guard, by });
    },
  });
}

function allowed(info: KeyInfo, name: Algorithm): AlgorithmFacts {
  if (info.algorithms.includes(name)) return algorithm(name);
  throw new Failure('UNSUPPORTED', 'not with this key', { algorithm: name, ref: String(info.ref) });
}
