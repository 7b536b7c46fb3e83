/**
 * Puts a function around every call of a provider and of the keys it opens.
 *
 * @module
 */
import type { Algorithm, Algorithms, SignatureAlgorithm } from '../core/algorithms.ts';
import type { Key, KeyProvider } from '../core/key.ts';
import type { CallOptions, DigestSigner } from '../core/operations.ts';
import type { Operation } from '../core/policy/call.ts';

/** A call that was intercepted. */
export interface Intercepted {
  readonly operation: Operation;
  readonly key?: Key;
  readonly algorithm?: Algorithm;
  readonly args: readonly unknown[];
  readonly options: CallOptions;
  /** Makes the call. */
  readonly next: () => unknown;
}

/** What surrounds every call. */
export type Interceptor = (call: Intercepted) => Promise<unknown>;

type Method = (...args: readonly unknown[]) => unknown;

/** What providers, keys and operations have beside their methods. */
const FIELDS: readonly string[] = [
  ...['contract', 'schemes'],
  ...['ref', 'id', 'label', 'algorithms', 'state', 'superseded', 'custody', 'createdAt', 'publicKey'],
  ...['algorithm', 'key'],
];

/** How many arguments each operation takes, the options among them. */
const ARGUMENTS: Readonly<Record<Operation, number>> = {
  open: 2,
  create: 3,
  import: 3,
  list: 1,
  rotate: 2,
  setState: 3,
  destroy: 2,
  check: 2,
  attest: 1,
  sign: 2,
  signDigest: 2,
  encrypt: 3,
  decrypt: 3,
  wrap: 2,
  unwrap: 2,
  mac: 2,
  verifyMac: 3,
  agree: 2,
};

/** The options of every operation are its last argument. */
function optionsOf(args: readonly unknown[], count: number): CallOptions {
  return (args[count - 1] ?? {}) as CallOptions;
}

/** The provider with `around` every call but `close`, and `wrapKey` around every key. */
export function interceptProvider(
  provider: KeyProvider,
  around: Interceptor,
  wrapKey: (key: Key) => Key,
): KeyProvider {
  const { list } = provider;
  const made = intercept(provider, around, {});
  const keys = ['open', 'create', 'import', 'rotate'] as const;
  const wrapped = keys.flatMap((name) => {
    const method = made[name] as ((...args: readonly unknown[]) => Promise<Key>) | undefined;
    return method === undefined
      ? []
      : [[name, async (...args: readonly unknown[]) => wrapKey(await method(...args))] as const];
  });
  return {
    ...made,
    ...(Object.fromEntries(wrapped) as Pick<KeyProvider, 'open'>),
    ...(list === undefined ? {} : { list: (options) => listed(list.bind(provider), around, options) }),
    close: () => provider.close(),
  };
}

async function* listed(
  list: NonNullable<KeyProvider['list']>,
  around: Interceptor,
  options: CallOptions = {},
): ReturnType<NonNullable<KeyProvider['list']>> {
  const next = (): unknown => list(options);
  const infos = await around({ operation: 'list', args: [options], options, next });
  yield* infos as ReturnType<typeof list>;
}

/** The key with `around` every operation that it is bound to. */
export function interceptKey(key: Key, around: Interceptor): Key {
  return Object.freeze({
    ...intercept(key, around, { key }),
    use<A extends Algorithm>(algorithm: A): Algorithms[A] {
      return intercept(key.use(algorithm), around, { key, algorithm });
    },
    useDigest(algorithm: SignatureAlgorithm): DigestSigner {
      return intercept(key.useDigest(algorithm), around, { key, algorithm });
    },
  });
}

/**
 * The fields of an object, and those of its methods that are operations with `around` them. The object
 * may be of a class, whose methods are not its own.
 */
function intercept<T extends object>(
  target: T,
  around: Interceptor,
  about: Pick<Intercepted, 'key' | 'algorithm'>,
): T {
  const members: Record<string, unknown> = {};
  const given = target as Readonly<Record<string, unknown>>;
  for (const name of FIELDS) if (given[name] !== undefined) members[name] = given[name];
  for (const [operation, count] of Object.entries(ARGUMENTS) as [Operation, number][]) {
    const method = given[operation];
    if (typeof method !== 'function') continue;
    members[operation] = (...args: readonly unknown[]): Promise<unknown> => {
      const next = (): unknown => (method as Method).apply(target, [...args]);
      return around({ ...about, operation, args, options: optionsOf(args, count), next });
    };
  }
  return members as T;
}
