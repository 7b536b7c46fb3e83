/**
 * Keys in this process, gone when it ends: for tests, and for keys that should not outlive a program.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import { checkState } from '../../core/bound-key.ts';
import type { Key, KeyInfo, KeyProvider, KeyState } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import { generateSoftwareKey, importSoftwareKey, type SoftwarePair } from '../../core/software/import.ts';
import { softwareKey } from '../../core/software/key.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure } from '../../errors.ts';

interface Entry {
  readonly ref: KeyRef;
  readonly id: string;
  readonly pair: SoftwarePair;
  readonly createdAt: number;
  state: KeyState;
}

/** Keeps keys until {@link KeyProvider.close}, as `memory:LABEL`. */
export function memory(): KeyProvider {
  const entries = new Map<string, Entry>();
  let closed = false;

  function ready(options: CallOptions = {}): void {
    options.signal?.throwIfAborted();
    if (closed) throw new Failure('UNAVAILABLE', 'the provider was closed', { provider: 'memory' });
  }

  function find(ref: KeyRef): Entry {
    const entry = entries.get(ref.body);
    if (entry !== undefined) return entry;
    throw new Failure('KEY_NOT_FOUND', 'no such key', { ref: String(ref) });
  }

  async function add(ref: KeyRef, make: () => Promise<SoftwarePair>, options?: CallOptions): Promise<Key> {
    ready(options);
    checkFree(entries, ref);
    const pair = await make();
    // Another call may have taken the name in the meantime.
    checkFree(entries, ref);
    const id = pair.publicKey?.id ?? encodeHex(randomBytes(8));
    const entry: Entry = { ref, id, pair, createdAt: Math.floor(Date.now() / 1000), state: 'active' };
    entries.set(ref.body, entry);
    return keyOf(entry, ready);
  }

  return Object.freeze({
    contract: 1,
    schemes: ['memory'],
    async open(ref, options) {
      ready(options);
      return keyOf(find(ref), ready);
    },
    create: (ref, spec, options) => add(ref, () => generateSoftwareKey(spec), options),
    import: (ref, material, options) => add(ref, () => importSoftwareKey(material), options),
    async *list(options) {
      ready(options);
      for (const entry of entries.values()) yield infoOf(entry);
    },
    async setState(ref, state, options) {
      ready(options);
      find(ref).state = state;
    },
    async destroy(ref, options) {
      ready(options);
      const entry = find(ref);
      entry.state = 'destroyed';
      entries.delete(ref.body);
    },
    async close() {
      closed = true;
      entries.clear();
    },
  } satisfies KeyProvider);
}

function checkFree(entries: ReadonlyMap<string, Entry>, ref: KeyRef): void {
  if (entries.has(ref.body)) throw new Failure('KEY_EXISTS', 'the key exists', { ref: String(ref) });
}

function infoOf({ ref, id, pair, state, createdAt }: Entry): KeyInfo {
  return {
    ref,
    id,
    label: ref.body,
    algorithms: pair.algorithms,
    state,
    createdAt,
    custody: { place: 'memory', level: 'claimed', facts: { extractable: true } },
    ...(pair.publicKey === undefined ? {} : { publicKey: pair.publicKey }),
  };
}

function keyOf(entry: Entry, ready: () => void): Key {
  return softwareKey(infoOf(entry), entry.pair.key, (purpose) => {
    ready();
    checkState(entry, purpose);
  });
}
