// A provider with every method there is, over a backend that can be counted, stalled and taken away:
// the contract holds for it, so that what a defect breaks is seen.
import type { Algorithm, Key, KeyInfo, KeyProvider, KeySpec, KeyState } from 'hardkey';
import { Failure } from 'hardkey';
import type { ProviderSubject } from 'hardkey/conformance';
import { type KeyRef, keyRef } from '../../src/core/key-ref.ts';
import type { CallOptions } from '../../src/core/operations.ts';
import { generateSoftwareKey, importSoftwareKey, type SoftwarePair } from '../../src/core/software/import.ts';
import { softwareKey } from '../../src/core/software/key.ts';
import { type Intercepted, interceptKey } from '../../src/testing/intercept.ts';

interface Version {
  readonly number: number;
  readonly id: string;
  readonly pair: SoftwarePair;
}

interface Entry {
  readonly label: string;
  state: KeyState;
  readonly versions: Version[];
}

/** What the model has behind it. */
export interface Backend {
  readonly entries: Map<string, Entry>;
  requests: number;
  down: boolean;
  stalled: PromiseWithResolvers<void> | undefined;
  log: string;
}

const SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'RS256', bits: 2048 },
  { algorithm: 'A256GCM' },
  { algorithm: 'A128KW' },
  { algorithm: 'RSA-OAEP-256', bits: 2048 },
  { algorithm: 'HS256' },
  { algorithm: 'ECDH-ES+A128KW' },
];
const TOKEN = 'token-3b8d1f';

let made: Promise<readonly (readonly [Algorithm, SoftwarePair])[]> | undefined;

async function newBackend(): Promise<Backend> {
  made ??= Promise.all(SPECS.map(async (spec) => [spec.algorithm, await generateSoftwareKey(spec)] as const));
  const entries = new Map<string, Entry>();
  const backend: Backend = { entries, requests: 0, down: false, stalled: undefined, log: '' };
  for (const [name, pair] of await made) add(backend, labelOf(name), pair);
  return backend;
}

const labelOf = (name: Algorithm): string => name.replace('+', '.');

let ids = 0;

function add({ entries }: Backend, label: string, pair: SoftwarePair): Entry {
  const entry: Entry = { label, state: 'active', versions: [] };
  entries.set(label, entry);
  addVersion(entry, pair);
  return entry;
}

function addVersion({ versions }: Entry, pair: SoftwarePair): Version {
  const id = pair.publicKey?.id ?? (++ids).toString(16).padStart(16, '0');
  const version = { number: versions.length + 1, id, pair };
  versions.push(version);
  return version;
}

/** One request: it may be refused, wait, or find nobody. */
async function request(backend: Backend, token: string, { signal }: CallOptions): Promise<void> {
  signal?.throwIfAborted();
  backend.requests += 1;
  backend.log += `request ${backend.requests}\n`;
  if (backend.stalled !== undefined) {
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      backend.stalled?.promise.then(resolve, reject);
    });
  }
  if (backend.down) throw new Failure('UNAVAILABLE', 'the model is down');
  if (token !== TOKEN) throw new Failure('DENIED', 'the model refused');
}

/** A provider over the backend. */
export function model(backend: Backend, token: string = TOKEN): KeyProvider {
  let closed = false;

  async function ask(options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (closed) throw new Failure('UNAVAILABLE', 'the model was closed');
    await request(backend, token, options);
  }

  function address(ref: KeyRef): { label: string; number?: number } {
    const { label, number } = /^(?<label>[\w.-]+)(\?version=(?<number>\d+))?$/.exec(ref.body)?.groups ?? {};
    if (label === undefined) throw new Failure('ARGUMENT_INVALID', 'not a reference of the model');
    return number === undefined ? { label } : { label, number: Number(number) };
  }

  function find(ref: KeyRef): { entry: Entry; version: Version } {
    const { label, number } = address(ref);
    const entry = backend.entries.get(label);
    const version = entry?.versions.at(number === undefined ? -1 : number - 1);
    if (entry !== undefined && version !== undefined) return { entry, version };
    throw new Failure('KEY_NOT_FOUND', 'no such key', { ref: String(ref) });
  }

  function keyOf(entry: Entry, version: Version): Key {
    const info = infoOf(entry, version);
    const key = softwareKey(info, version.pair.key, (purpose) => {
      const current = entry.versions.at(-1) === version;
      if (entry.state === 'active' && (purpose === 'process' || current)) return;
      if (entry.state === 'compromised' && purpose === 'process') return;
      throw new Failure('DENIED', 'not in this state', { ref: String(info.ref) });
    });
    return interceptKey(key, async ({ options, next }: Intercepted) => {
      await ask(options);
      return next();
    });
  }

  async function create(ref: KeyRef, make: () => Promise<SoftwarePair>, options?: CallOptions): Promise<Key> {
    await ask(options);
    const { label } = address(ref);
    if (backend.entries.has(label)) throw new Failure('KEY_EXISTS', 'the key exists', { ref: String(ref) });
    const entry = add(backend, label, await make());
    return keyOf(entry, find(ref).version);
  }

  return {
    contract: 1,
    schemes: ['model'],
    async open(ref, options) {
      address(ref);
      await ask(options);
      const { entry, version } = find(ref);
      return keyOf(entry, version);
    },
    create: (ref, spec, options) => create(ref, () => generateSoftwareKey(spec), options),
    import: (ref, material, options) => create(ref, () => importSoftwareKey(material), options),
    async *list(options) {
      await ask(options);
      for (const entry of backend.entries.values()) {
        for (const version of entry.versions.toReversed()) yield infoOf(entry, version);
      }
    },
    async rotate(ref, options) {
      await ask(options);
      const { entry, version } = find(ref);
      const [name] = version.pair.algorithms;
      if (name === undefined) throw new Failure('UNSUPPORTED', 'nothing to rotate');
      return keyOf(entry, addVersion(entry, await generateSoftwareKey({ algorithm: name })));
    },
    async setState(ref, state, options) {
      await ask(options);
      find(ref).entry.state = state;
    },
    async destroy(ref, options) {
      await ask(options);
      backend.entries.delete(find(ref).entry.label);
    },
    async check(ref, options) {
      await ask(options);
      find(ref);
    },
    async close() {
      closed = true;
    },
  };
}

function infoOf({ label, state, versions }: Entry, version: Version): KeyInfo {
  const { number, id, pair } = version;
  return {
    ref: keyRef('model', `${label}?version=${number}`),
    id,
    label,
    algorithms: pair.algorithms,
    state,
    ...(versions.at(-1) === version ? {} : { superseded: true }),
    custody: { place: 'service', level: 'claimed', facts: {} },
    ...(pair.publicKey === undefined ? {} : { publicKey: pair.publicKey }),
  };
}

let names = 0;

/** The model as a subject, with every hook there is. `spoil` gives it a defect. */
export async function modelSubject(
  spoil: (provider: KeyProvider, backend: Backend) => KeyProvider = (provider) => provider,
): Promise<ProviderSubject> {
  const backend = await newBackend();
  const provider = (token?: string): KeyProvider => spoil(model(backend, token), backend);
  return {
    provider: () => provider(),
    keys: Object.fromEntries(SPECS.map(({ algorithm: name }) => [name, `model:${labelOf(name)}`])),
    missing: 'model:none',
    malformed: ['model:a/b', 'model:a?version=x'],
    unused: () => `model:new-${++names}`,
    requests: () => backend.requests,
    outage: {
      begin: () => {
        backend.down = true;
      },
      end: () => {
        backend.down = false;
      },
    },
    stall: {
      begin: () => {
        backend.stalled = Promise.withResolvers();
      },
      end: () => {
        backend.stalled?.resolve();
        backend.stalled = undefined;
      },
    },
    rejected: () => provider('another-token'),
    canaries: [TOKEN],
    logs: () => backend.log,
    handles: () => process.getActiveResourcesInfo().length,
  };
}
