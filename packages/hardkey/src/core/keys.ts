/**
 * Keys, wherever they are: an explicit list of providers behind one `open`, and the one place where
 * policy is applied.
 *
 * @module
 */
import { Failure, invalid } from '../errors.ts';
import type { Algorithm } from './algorithms.ts';
import { guardInfo, guardKey } from './guarded-key.ts';
import type { Key, KeyInfo, KeyMaterial, KeyProvider, KeySpec, KeyState } from './key.ts';
import { type KeyRef, parseKeyRef } from './key-ref.ts';
import type { CallOptions } from './operations.ts';
import type { Around, Call, Operation } from './policy/call.ts';
import { checkCallOptions } from './policy/fields.ts';
import { type Policy, policyLayers } from './policy/policy.ts';
import type { Secret } from './secret.ts';

/** Options of opening a key. */
export interface OpenOptions extends CallOptions {
  /** `sha256:<hex of SPKI>`: another key is `SIGNER_MISMATCH`, before anything is signed. */
  readonly fingerprint?: string;
}

/** Options of checking a key. */
export interface CheckOptions extends OpenOptions {
  /** The algorithm the key must be usable with. */
  readonly algorithm?: Algorithm;
}

/** Options of listing keys. */
export interface ListOptions extends CallOptions {
  /** Only the keys of the provider of this scheme. Throws `UNSUPPORTED` when there is none. */
  readonly scheme?: string;
}

/** Providers, addressed by reference. Every call runs inside the policies. */
export interface Keys {
  /** A scheme of each provider, in the order they were given: what {@link list} takes one at a time. */
  readonly schemes: readonly string[];
  /** Opens a key. Throws `KEY_NOT_FOUND`, `DENIED`, `UNAVAILABLE`, or `SIGNER_MISMATCH` for another key. */
  open(ref: KeyRef | string, options?: OpenOptions): Promise<Key>;
  create(ref: KeyRef | string, spec: KeySpec, options?: CallOptions): Promise<Key>;
  import(ref: KeyRef | string, material: KeyMaterial, options?: CallOptions): Promise<Key>;
  rotate(ref: KeyRef | string, options?: CallOptions): Promise<Key>;
  setState(ref: KeyRef | string, state: Exclude<KeyState, 'destroyed'>, options?: CallOptions): Promise<void>;
  destroy(ref: KeyRef | string, options?: CallOptions): Promise<void>;
  /** Permission, usage and algorithm, before traffic. Returns when the key can be used. */
  check(ref: KeyRef | string, options?: CheckOptions): Promise<void>;
  /** The keys of every provider that lists. The first that fails ends the list: ask for one scheme at a time. */
  list(options?: ListOptions): AsyncIterable<KeyInfo>;
  /** Releases every provider. Safe to call twice; afterwards every call is `UNAVAILABLE`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A method of a provider, with everything but the options given. */
type Method<T> = (options: CallOptions) => Promise<T>;

/** Finds the method to call; undefined where the provider does not offer it. */
type Choose<T> = (provider: KeyProvider, ref: KeyRef) => Method<T> | undefined;

/**
 * Combines providers. Two with the same scheme are a mistake, reported here and not on first use, as
 * is every field of the policy that is unknown or out of range: `ARGUMENT_INVALID`.
 */
export function createKeys(providers: readonly KeyProvider[], policy: Policy = {}): Keys {
  const byScheme = index(providers);
  const layers = policyLayers(policy);
  let closed = false;

  /** The policies, around whatever may still be called. What is refused here never began. */
  const around: Around = async (call, options, next) => {
    if (closed) throw new Failure('UNAVAILABLE', 'the keys were closed', { field: 'closed' });
    checkCallOptions(options);
    options.signal?.throwIfAborted();
    return layers.around(call, options, next);
  };
  const guarding = { ...layers, around };

  function providerOf(scheme: string): KeyProvider {
    const provider = byScheme.get(scheme);
    if (provider !== undefined) return provider;
    throw new Failure('UNSUPPORTED', 'no provider for this scheme', { provider: scheme });
  }

  /** Runs a method of the provider inside the policies; one it does not offer is `UNSUPPORTED`. */
  async function run<T>(
    operation: Operation,
    ref: KeyRef | string,
    options: CallOptions = {},
    choose: Choose<T>,
    opened?: () => KeyInfo | undefined,
  ): Promise<T> {
    const target = typeof ref === 'string' ? parseKeyRef(ref) : ref;
    const { scheme } = target;
    const provider = providerOf(scheme);
    const method = choose(provider, target);
    if (method === undefined) {
      throw new Failure('UNSUPPORTED', 'the provider does not offer this', { operation, provider: scheme });
    }
    const call: Call = {
      operation,
      scheme,
      subject: String(target),
      ref: target,
      get key() {
        return opened?.();
      },
    };
    return around(call, options, method);
  }

  /** The same for methods that open a key: it is inspected and guarded before the policies see the end. */
  async function runKey(
    operation: Operation,
    ref: KeyRef | string,
    options: CallOptions | undefined,
    choose: Choose<Key>,
    inspect?: (key: Key) => void,
  ): Promise<Key> {
    let opened: Key | undefined;
    const guarded: Choose<Key> = (provider, target) => {
      const method = choose(provider, target);
      if (method === undefined) return undefined;
      return async (narrowed) => {
        opened = guardKey(await method(narrowed), guarding);
        inspect?.(opened);
        return opened;
      };
    };
    return run(operation, ref, options, guarded, () => opened);
  }

  async function* listOne(provider: KeyProvider, options: CallOptions): AsyncIterable<KeyInfo> {
    const { list, schemes } = provider;
    const [scheme] = schemes;
    if (list === undefined || scheme === undefined) return;
    yield* await around({ operation: 'list', scheme, subject: scheme }, options, async (narrowed) => {
      const found: KeyInfo[] = [];
      for await (const info of list.call(provider, narrowed)) found.push(guardInfo(info, guarding));
      return found;
    });
  }

  const keys: Keys = {
    schemes: Object.freeze(
      providers.flatMap(({ schemes: [scheme] }) => (scheme === undefined ? [] : [scheme])),
    ),
    async open(ref, { fingerprint, ...options } = {}) {
      const open: Choose<Key> = (provider, target) => (narrowed) => provider.open(target, narrowed);
      return runKey('open', ref, options, open, (key) => checkFingerprint(key, fingerprint));
    },
    create: (ref, spec, options) =>
      runKey('create', ref, options, (p, target) => p.create?.bind(p, target, spec)),
    async import(ref, material, options) {
      checkMaterial(material);
      return runKey('import', ref, options, (p, target) => p.import?.bind(p, target, material));
    },
    rotate: (ref, options) => runKey('rotate', ref, options, (p, target) => p.rotate?.bind(p, target)),
    setState: (ref, state, options) =>
      run('setState', ref, options, (p, target) => p.setState?.bind(p, target, state)),
    destroy: (ref, options) => run('destroy', ref, options, (p, target) => p.destroy?.bind(p, target)),
    async check(ref, { algorithm, fingerprint, ...options } = {}) {
      const open: Choose<Key> = (provider, target) => async (narrowed) => {
        await provider.check?.(target, { ...narrowed, ...(algorithm === undefined ? {} : { algorithm }) });
        return provider.open(target, narrowed);
      };
      await runKey('check', ref, options, open, (key) => {
        checkFingerprint(key, fingerprint);
        checkUsable(key, algorithm);
      });
    },
    async *list({ scheme, ...options } = {}) {
      const meant = scheme === undefined ? providers : [providerOf(scheme)];
      for (const provider of meant) yield* listOne(provider, options);
    },
    async close() {
      closed = true;
      await closeAll(providers);
    },
    [Symbol.asyncDispose]: () => keys.close(),
  };

  return Object.freeze(keys);
}

/** Bytes that are not in a Secret would stay in memory wherever they were copied to. */
function checkMaterial(given: KeyMaterial): void {
  if (typeof given !== 'object' || given === null) throw invalid('an object is needed', 'material');
  for (const name of ['material', 'passphrase'] as const) {
    const secret: Partial<Secret> | undefined = given[name];
    if (secret === undefined && name === 'passphrase') continue;
    if (typeof secret?.use !== 'function') throw invalid('a Secret is needed', name);
  }
}

function index(providers: readonly KeyProvider[]): ReadonlyMap<string, KeyProvider> {
  if (!Array.isArray(providers)) throw invalid('a list of providers is needed', 'providers');
  const byScheme = new Map<string, KeyProvider>();
  for (const provider of providers) {
    if (provider.contract !== 1) {
      throw new Failure('ARGUMENT_INVALID', 'the provider is for another contract', { field: 'providers' });
    }
    for (const scheme of provider.schemes) {
      if (byScheme.has(scheme)) {
        throw new Failure('ARGUMENT_INVALID', 'two providers share a scheme', {
          field: 'providers',
          provider: scheme,
        });
      }
      byScheme.set(scheme, provider);
    }
  }
  return byScheme;
}

function checkFingerprint(key: Key, expected: string | undefined): void {
  const actual = key.publicKey?.fingerprint;
  if (expected === undefined || actual === expected) return;
  throw new Failure('SIGNER_MISMATCH', 'the reference opens another key than expected', {
    ref: String(key.ref),
    expected,
    ...(actual === undefined ? {} : { actual }),
  });
}

function checkUsable(key: Key, algorithm: Algorithm | undefined): void {
  if (key.state !== 'active') {
    throw new Failure('DENIED', 'the key is not active', { ref: String(key.ref), field: 'state' });
  }
  if (algorithm !== undefined && !key.algorithms.includes(algorithm)) {
    throw new Failure('UNSUPPORTED', 'not with this key', { ref: String(key.ref), algorithm });
  }
}

async function closeAll(providers: readonly KeyProvider[]): Promise<void> {
  const results = await Promise.allSettled(providers.map((provider) => provider.close()));
  const failed = results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => reason as unknown);
  if (failed.length > 0) throw new AggregateError(failed, 'closing providers failed');
}
