/**
 * Software keys that the operating system's keyring keeps: the Secret Service of Linux desktops.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import type { Key, KeyInfo, KeyProvider } from '../../core/key.ts';
import { type KeyRef, keyRef } from '../../core/key-ref.ts';
import { checkLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { generateSoftwareKey, importSoftwareKey, type SoftwarePair } from '../../core/software/import.ts';
import { softwareKey } from '../../core/software/key.ts';
import { equalBytes } from '../../encoding/bytes.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { type Address, bodyOf, publicService, readAddress } from './address.ts';
import { type Keyring, keyringClient } from './client.ts';
import { type KeyringConfig, readConfig } from './config.ts';
import { decodeEntry, encodeEntry, type KeptKey } from './entry.ts';
import { decodeRecord, encodeRecord, type PublicRecord } from './record.ts';

export type { KeyringEntry, KeyringLibrary } from './client.ts';
export type { KeyringConfig } from './config.ts';
export { secretKeyring } from './secret.ts';

/**
 * Opens `keyring:service=S;account=A`. Throws `ARGUMENT_INVALID` for a configuration that cannot work.
 *
 * A keyring that is locked, and is not unlocked, is `DENIED`; one that is not there is `UNAVAILABLE`. Keys
 * are used in this process, like those of the file store: the keyring protects them while they are not.
 */
export function keyring(config: KeyringConfig = {}): KeyProvider {
  const { store, services, library } = readConfig(config);
  const client = keyringClient(library);
  let closed = false;

  function ready(options: CallOptions = {}): void {
    const details = { provider: 'keyring' };
    if (closed) throw new Failure('UNAVAILABLE', 'the provider was closed', details);
    checkLimits(options, details);
  }

  /** Runs `act` on the entry that a reference names, in its turn. */
  async function at<T>(
    ref: KeyRef,
    options: CallOptions = {},
    act: (keyring: Keyring, address: Address, check: () => void) => Promise<T>,
  ): Promise<T> {
    ready(options);
    const address = readAddress(ref, store);
    const details: FailureDetails = { ref: String(ref), provider: 'keyring' };
    return client.run(options, details, (entries, check) =>
      act(entries, address, () => {
        ready();
        check();
      }),
    );
  }

  function keyOf(address: Address, kept: KeptKey): Key {
    const { publicKey } = kept.pair;
    const record = publicKey === undefined ? kept : { ...kept, publicKey };
    return softwareKey(infoOf(address, record, store), kept.pair.key, () => ready());
  }

  const add = (ref: KeyRef, make: () => Promise<SoftwarePair>, options?: CallOptions): Promise<Key> =>
    at(ref, options, async (entries, address, check) => {
      await checkFree(entries, address, ref);
      const kept = keptKey(await make());
      check();
      await write(entries, address, kept, ref, check);
      return keyOf(address, kept);
    });

  return Object.freeze({
    contract: 1,
    schemes: ['keyring'],
    open: (ref, options) =>
      at(ref, options, async (entries, address) => keyOf(address, await read(entries, address, ref))),
    create: (ref, spec, options) => add(ref, () => generateSoftwareKey(spec), options),
    import: (ref, material, options) => add(ref, () => importSoftwareKey(material), options),
    async *list(options = {}) {
      ready(options);
      for (const service of services) {
        const details = { provider: 'keyring' };
        const find = (entries: Keyring) => entries.find(publicService(service));
        for (const { account, password } of await client.run(options, details, find)) {
          yield infoOf({ service, account }, await decodeRecord(password), store);
        }
      }
    },
    destroy: (ref, options) =>
      at(ref, options, async (entries, { service, account }, check) => {
        // What is no key is not ours to remove.
        await read(entries, { service, account }, ref);
        check();
        // Listed no longer, and then gone: what is listed is there.
        await entries.remove(publicService(service), account);
        if (!(await entries.remove(service, account))) throw notFound(ref);
      }),
    async close() {
      closed = true;
    },
  } satisfies KeyProvider);
}

async function read(entries: Keyring, { service, account }: Address, ref: KeyRef): Promise<KeptKey> {
  const kept = await entries.read(service, account, (bytes) => bytes && decodeEntry(bytes));
  if (kept !== undefined) return kept;
  throw notFound(ref);
}

async function checkFree(entries: Keyring, { service, account }: Address, ref: KeyRef): Promise<void> {
  // Also what is no key of ours: somebody's password would be lost.
  const taken = await entries.read(service, account, (bytes) => bytes !== undefined);
  if (taken) throw new Failure('KEY_EXISTS', 'the keyring has an entry of this name', { ref: String(ref) });
}

/** Writes a key, reads it back, and lets it be listed. */
async function write(
  entries: Keyring,
  { service, account }: Address,
  kept: KeptKey,
  ref: KeyRef,
  check: () => void,
): Promise<void> {
  const entry = await encodeEntry(kept);
  try {
    await entries.write(service, account, entry);
    const ours = await entries.read(
      service,
      account,
      (found) => found !== undefined && equalBytes(entry, found),
    );
    // A keyring has no way to write only what is not there: the last of two writers has it.
    if (!ours) throw new Failure('KEY_EXISTS', 'another process wrote this entry', { ref: String(ref) });
  } finally {
    entry.fill(0);
  }
  try {
    check();
    await entries.write(publicService(service), account, encodeRecord(kept));
  } catch (error) {
    await entries.remove(service, account);
    throw error;
  }
}

function keptKey(pair: SoftwarePair): KeptKey {
  const id = pair.publicKey?.id ?? encodeHex(randomBytes(8));
  return { pair, algorithms: pair.algorithms, id, createdAt: Math.floor(Date.now() / 1000) };
}

function infoOf(
  address: Address,
  { algorithms, id, createdAt, publicKey }: PublicRecord & { readonly publicKey?: PublicKey },
  store: string,
): KeyInfo {
  return {
    ref: keyRef('keyring', bodyOf(address)),
    id,
    label: address.account,
    algorithms,
    state: 'active',
    custody: {
      place: 'os',
      level: 'claimed',
      facts: { store, protection: 'software key, protected by the OS', extractable: true },
    },
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(publicKey === undefined ? {} : { publicKey }),
  };
}

function notFound(ref: KeyRef): Failure<'KEY_NOT_FOUND'> {
  return new Failure('KEY_NOT_FOUND', 'the keyring has no such key', { ref: String(ref) });
}
