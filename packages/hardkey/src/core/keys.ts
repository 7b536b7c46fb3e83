/**
 * Keys, wherever they are: an explicit list of providers behind one `open`, and the one place where
 * policy is applied.
 *
 * @module
 */
import { Failure } from '../errors.ts';
import type { Algorithm } from './algorithms.ts';
import { guardKey } from './guarded-key.ts';
import type { Key, KeyInfo, KeyMaterial, KeyProvider, KeySpec, KeyState } from './key.ts';
import { type KeyRef, parseKeyRef } from './key-ref.ts';
import type { CallOptions } from './operations.ts';
import type { Call, Operation } from './policy/call.ts';
import { type Policy, policyLayers } from './policy/policy.ts';

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

/** Providers, addressed by reference. Every call runs inside the policies. */
export interface Keys extends AsyncDisposable {
  /** Opens a key. Throws `KEY_NOT_FOUND`, `DENIED`, `UNAVAILABLE`, or `SIGNER_MISMATCH` for another key. */
  open(ref: KeyRef | string, options?: OpenOptions): Promise<Key>;
  create(ref: KeyRef | string, spec: KeySpec, options?: CallOptions): Promise<Key>;
  import(ref: KeyRef | string, material: KeyMaterial, options?: CallOptions): Promise<Key>;
  rotate(ref: KeyRef | string, options?: CallOptions): Promise<Key>;
  setState(
    ref: KeyRef | string,
    state: Exclude<KeyState, 'destroyed'>,
    options?: CallOptions,
  ): Promise<void>;
  destroy(ref: KeyRef | string, options?: CallOptions): Promise<void>;
  /** Permission, usage and algorithm, before traffic. Returns when the key can be used. */
  check(ref: KeyRef | string, options?: CheckOptions): Promise<void>;
  /** The keys of every provider that lists. */
  list(options?: CallOptions): AsyncIterable<KeyInfo>;
  /** Releases every provider. Safe to call twice; afterwards every call is `UNAVAILABLE`. */
  close(): Promise<void>;
}

/** Combines providers. Two with the same scheme are a mistake, reported here and not on first use. */
export function createKeys(providers: readonly KeyProvider[], policy: Policy = {}): Keys {
  const byScheme = index(providers);
  const { around, releaseUnverified } = policyLayers(policy);
  let closed = false;

  function find(ref: KeyRef | string): { target: KeyRef; provider: KeyProvider } {
    const target = typeof ref === 'string' ? parseKeyRef(ref) : ref;
    const provider = byScheme.get(target.scheme);
    if (closed) throw new Failure('UNAVAILABLE', 'the keys were closed', { ref: String(target) });
    if (provider !== undefined) return { target, provider };
    throw new Failure('UNSUPPORTED', 'no provider for this scheme', { provider: target.scheme });
  }

  /** Runs a method of the provider inside the policies; one it does not offer is `UNSUPPORTED`. */
  async function run<T>(
    operation: Operation,
    ref: KeyRef | string,
    options: CallOptions = {},
    choose: (provider: KeyProvider, target: KeyRef) => ((options: CallOptions) => Promise<T>) | undefined,
  ): Promise<T> {
    const { target, provider } = find(ref);
    const method = choose(provider, target);
    if (method === undefined) {
      throw new Failure('UNSUPPORTED', 'the provider does not offer this', { operation, provider: target.scheme });
    }
    options.signal?.throwIfAborted();
    return around({ operation, scheme: target.scheme, ref: target }, options, method);
  }

  const guarded = (key: Key): Key => guardKey(key, { around, releaseUnverified });

  const keys: Keys = {
    async open(ref, options = {}) {
      const { fingerprint, ...rest } = options;
      const key = await run('open', ref, rest, (provider, target) => (o) => provider.open(target, o));
      if (fingerprint !== undefined) checkFingerprint(key, fingerprint);
      return guarded(key);
    },
    async create(ref, spec, options) {
      return guarded(
        await run('create', ref, options, (p, target) => p.create?.bind(p, target, spec)),
      );
    },
    async import(ref, material, options) {
      return guarded(
        await run('import', ref, options, (p, target) => p.import?.bind(p, target, material)),
      );
    },
    async rotate(ref, options) {
      return guarded(await run('rotate', ref, options, (p, target) => p.rotate?.bind(p, target)));
    },
    setState: (ref, state, options) =>
      run('setState', ref, options, (p, target) => p.setState?.bind(p, target, state)),
    destroy: (ref, options) => run('destroy', ref, options, (p, target) => p.destroy?.bind(p, target)),
    async check(ref, options = {}) {
      const { algorithm, fingerprint, ...rest } = options;
      await run('check', ref, rest, (provider, target) => async (o) => {
        await provider.check?.(target, o);
        const key = await provider.open(target, o);
        if (fingerprint !== undefined) checkFingerprint(key, fingerprint);
        checkUsable(key, algorithm);
      });
    },
    async *list(options = {}) {
      if (closed) throw new Failure('UNAVAILABLE', 'the keys were closed');
      for (const provider of providers) yield* listOne(provider, options);
    },
    async close() {
      closed = true;
      await closeAll(providers);
    },
    [Symbol.asyncDispose]: () => keys.close(),
  };

  async function* listOne(provider: KeyProvider, options: CallOptions): AsyncIterable<KeyInfo> {
    if (provider.list === undefined) return;
    const call: Call = { operation: 'list', scheme: provider.schemes[0] ?? '' };
    yield* await around(call, options, async (narrowed) => {
      const found: KeyInfo[] = [];
      for await (const info of provider.list?.(narrowed) ?? []) found.push(info);
      return found;
    });
  }

  return Object.freeze(keys);
}

function index(providers: readonly KeyProvider[]): ReadonlyMap<string, KeyProvider> {
  const byScheme = new Map<string, KeyProvider>();
  for (const provider of providers) {
    if (provider.contract !== 1) {
      throw new Failure('ARGUMENT_INVALID', 'the provider is for another contract', { field: 'providers' });
    }
    for (const scheme of provider.schemes) {
      if (byScheme.has(scheme)) {
        throw new Failure('ARGUMENT_INVALID', 'two providers share a scheme', { field: 'providers', provider: scheme });
      }
      byScheme.set(scheme, provider);
    }
  }
  return byScheme;
}

function checkFingerprint(key: Key, expected: string): void {
  const actual = key.publicKey?.fingerprint;
  if (actual === expected) return;
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
  const failed = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown);
  if (failed.length > 0) throw new AggregateError(failed, 'closing providers failed');
}
