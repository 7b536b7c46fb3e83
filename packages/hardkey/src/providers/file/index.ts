/**
 * Keys in an encrypted folder, the embedded default, and plain key files read only.
 *
 * @module
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { KeyProvider } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import { type FileRef, parseFileRef } from '../../core/refs/file.ts';
import type { SecretSource } from '../../core/secret.ts';
import { generateSoftwareKey, importSoftwareKey } from '../../core/software/import.ts';
import { Failure, invalid } from '../../errors.ts';
import { type Derivation, isDerivation } from './pbes2.ts';
import { openKeyFile } from './pem-file.ts';
import { openStore, type Store } from './store.ts';
import type { StoreConfig } from './store-file.ts';
import { addKey, destroyKey, infosOf, openKey, rotateKey, setKeyState } from './store-keys.ts';

/** Where the keys are and what protects them. */
export interface FileConfig {
  /** The folder. Default `.local/share/hardkey/keys` in the home folder. */
  readonly store?: string;
  /** Opens the store, and key files that are encrypted. */
  readonly passphrase?: SecretSource;
  /** Keep keys without a passphrase. Recorded in the store, and shown in `custody.facts`. */
  readonly unencrypted?: boolean;
  /**
   * How the key of a private half follows from the passphrase in a store that is new: `pbkdf2`, the default,
   * with 600,000 rounds of HMAC-SHA-256, or `scrypt` with N = 2^14. Recorded in the store.
   */
  readonly derivation?: Derivation;
  /**
   * The backend that was asked for, where keys are made here because it was allowed: recorded in each of
   * them, shown in `custody.facts`, and in the header of what JWS and COSE sign with them.
   */
  readonly softwareInsteadOf?: string;
}

export { labelsIn } from './layout.ts';
export type { Derivation } from './pbes2.ts';

const FIELDS: readonly string[] = ['store', 'passphrase', 'unencrypted', 'derivation', 'softwareInsteadOf'];

/** Opens `file:LABEL`, `file:LABEL?version=N` and `file:/path/key.pem`. */
export function file(config: FileConfig = {}): KeyProvider {
  const settings = settingsOf(config);
  const { softwareInsteadOf } = config;
  const mark = softwareInsteadOf === undefined ? {} : { insteadOf: softwareInsteadOf };
  let opened: Opening | undefined;
  let closed = false;

  function ready(options: CallOptions = {}): void {
    options.signal?.throwIfAborted();
    if (closed) throw new Failure('UNAVAILABLE', 'the provider was closed', { provider: 'file' });
  }

  /** The store, opened once. A failure is not kept, nor is the answer that there is none. */
  async function store(make: boolean, options: CallOptions = {}): Promise<Store | undefined> {
    const others = opened;
    opened ??= { store: openStore(settings, make, options), signal: options.signal };
    const mine = opened;
    try {
      const found = await mine.store;
      ready(options);
      if (found !== undefined) return found;
    } catch (error) {
      if (opened === mine) opened = undefined;
      // What ended was the call that began to open it, and not this one.
      if (others !== undefined && others.signal?.aborted === true) return store(make, options);
      throw error;
    }
    if (opened === mine) opened = undefined;
    return make ? store(true, options) : undefined;
  }

  async function inStore(ref: KeyRef, options?: CallOptions): Promise<Store> {
    const found = await store(false, options);
    if (found !== undefined) return found;
    throw new Failure('KEY_NOT_FOUND', 'there is no store', { ref: String(ref), path: settings.folder });
  }

  async function newStore(options?: CallOptions): Promise<Store> {
    const found = await store(true, options);
    if (found !== undefined) return found;
    throw new Failure('UNAVAILABLE', 'the store cannot be created', { path: settings.folder });
  }

  return Object.freeze({
    contract: 1,
    schemes: ['file'],
    async open(ref, options) {
      ready(options);
      const address = parseFileRef(ref.body);
      if (address.kind === 'path') return openKeyFile(ref, address.path, config.passphrase, () => ready());
      return openKey(await inStore(ref, options), ref, address, ready);
    },
    async create(ref, spec, options) {
      ready(options);
      const label = unversioned(ref);
      const { bits, curve } = spec;
      const kept = { ...(bits === undefined ? {} : { bits }), ...(curve === undefined ? {} : { curve }) };
      const extras = { spec: kept, ...mark };
      return addKey(await newStore(options), label, () => generateSoftwareKey(spec), extras, options, ready);
    },
    async import(ref, material, options) {
      ready(options);
      const label = unversioned(ref);
      return addKey(await newStore(options), label, () => importSoftwareKey(material), mark, options, ready);
    },
    async *list(options) {
      ready(options);
      const found = await store(false, options);
      if (found === undefined) return;
      for (const label of found.labels()) yield* await infosOf(found, label);
    },
    async rotate(ref, options) {
      ready(options);
      return rotateKey(await inStore(ref, options), ref, unversioned(ref), options, ready);
    },
    async setState(ref, state, options) {
      ready(options);
      await setKeyState(await inStore(ref, options), ref, labelled(ref), state, options);
    },
    async destroy(ref, options) {
      ready(options);
      await destroyKey(await inStore(ref, options), ref, unversioned(ref), options);
    },
    async close() {
      closed = true;
      opened = undefined;
    },
  } satisfies KeyProvider);
}

/** A store that is being opened, and what may end that. */
interface Opening {
  readonly store: Promise<Store | undefined>;
  readonly signal: AbortSignal | undefined;
}

function settingsOf(config: FileConfig): StoreConfig {
  for (const name of Object.keys(config)) {
    if (!FIELDS.includes(name)) throw invalid('no such field', name);
  }
  const { store, passphrase, unencrypted = false, derivation, softwareInsteadOf = 'file' } = config;
  if (typeof softwareInsteadOf !== 'string' || !/^[a-z][a-z0-9-]{0,31}$/.test(softwareInsteadOf)) {
    throw invalid('the name of a backend is needed', 'softwareInsteadOf');
  }
  if (derivation !== undefined && (unencrypted || !isDerivation(derivation))) {
    throw invalid('pbkdf2 or scrypt, in a store with a passphrase', 'derivation');
  }
  return {
    folder: store ?? join(homedir(), '.local', 'share', 'hardkey', 'keys'),
    unencrypted,
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(derivation === undefined ? {} : { derivation }),
  };
}

type LabelRef = Extract<FileRef, { readonly kind: 'label' }>;

function labelled(ref: KeyRef): LabelRef {
  const address = parseFileRef(ref.body);
  if (address.kind === 'label') return address;
  throw new Failure('UNSUPPORTED', 'a key file is read only', { ref: String(ref) });
}

function unversioned(ref: KeyRef): string {
  const { label, version } = labelled(ref);
  if (version === undefined) return label;
  throw new Failure('ARGUMENT_INVALID', 'this is about the whole key, not a version', { ref: String(ref) });
}
