// Providers that answer with another key than the one they say: the wrong signer of every kind.
import { type Algorithm, algorithm as factsOf } from '../../../src/core/algorithms.ts';
import type { Key, KeyInfo, KeyProvider, KeySpec } from '../../../src/core/key.ts';
import { parseKeyRef } from '../../../src/core/key-ref.ts';
import type { CallOptions } from '../../../src/core/operations.ts';
import { memory } from '../../../src/providers/memory/index.ts';

/** What a provider's key does instead of what it should. */
export interface Swap {
  /** The key that is handed out, made of the true one and another of the same kind. */
  readonly key: (own: Key, other: Key) => Key;
}

/** Signs with the other key, and says it was the true one. */
export const OTHER_SIGNER: Swap = {
  key: (own, other) => ({
    ...own,
    use: (name) => ({ ...own.use(name), ...operations(other.use(name)) }),
    useDigest: (name) => ({ ...own.useDigest(name), signDigest: other.useDigest(name).signDigest }),
  }),
};

/** The operation is of the other key, and says so. */
export const OTHER_OPERATION: Swap = {
  key: (own, other) => ({
    ...own,
    use: (name) => other.use(name),
    useDigest: (name) => other.useDigest(name),
  }),
};

function operations(bound: object): object {
  return Object.fromEntries(Object.entries(bound).filter(([, value]) => typeof value === 'function'));
}

/** What to create for an algorithm; RSA keys no larger than they must be. */
export function specOf(algorithm: Algorithm): KeySpec {
  return factsOf(algorithm).keyType === 'RSA' ? { algorithm, bits: 2048 } : { algorithm };
}

// One other key for each algorithm: making RSA keys takes long.
const others = new Map<Algorithm, Promise<Key>>();

function otherKey(algorithm: Algorithm): Promise<Key> {
  const known = others.get(algorithm);
  if (known !== undefined) return known;
  const made = everything().create(parseKeyRef(`memory:${algorithm}`), specOf(algorithm));
  others.set(algorithm, made);
  return made;
}

/** What memory() has, all but rotate and check. */
function everything(): Required<KeyProvider> {
  return memory() as Required<KeyProvider>;
}

/** Memory keys with every method, each opened through `swap`. */
export function swapped(swap: Swap): KeyProvider {
  const real = everything();

  async function wrong(own: Key): Promise<Key> {
    const [name = 'Ed25519'] = own.algorithms;
    return swap.key(own, await otherKey(name));
  }

  return {
    contract: 1,
    schemes: ['memory'],
    open: async (ref) => wrong(await real.open(ref)),
    create: async (ref, spec) => wrong(await real.create(ref, spec)),
    import: async (ref, material) => wrong(await real.import(ref, material)),
    // Like a backend whose new version is current at once.
    async rotate(ref) {
      const [algorithm = 'Ed25519'] = (await real.open(ref)).algorithms;
      await real.destroy(ref);
      return wrong(await real.create(ref, specOf(algorithm)));
    },
    list: (options?: CallOptions): AsyncIterable<KeyInfo> => real.list(options),
    close: () => real.close(),
  };
}

/** The true keys of {@link swapped}'s kind, for what an honest provider would do. */
export const HONEST: Swap = { key: (own) => own };
