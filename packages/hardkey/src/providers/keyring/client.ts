/**
 * The calls to the keyring. One at a time: where somebody is asked to unlock it, one question is enough,
 * and no more than one thread waits for the answer.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { checkLimits, waitWithin } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { FailureDetails } from '../../errors.ts';
import { keyringFailure, noLibrary } from './failures.ts';

/** One entry, as the library has it. */
export interface KeyringEntry {
  getSecret(): Promise<number[] | null>;
  setSecret(secret: Uint8Array): Promise<unknown>;
  deleteCredential(): Promise<boolean>;
}

/** The slice of `@napi-rs/keyring` that is called. */
export interface KeyringLibrary {
  readonly AsyncEntry: new (
    service: string,
    account: string,
    options?: { readonly linux?: { readonly store?: 'secret-service' } },
  ) => KeyringEntry;
  findCredentialsAsync(
    service: string,
  ): Promise<readonly { readonly account: string; readonly password: string }[]>;
}

/** Entries of the keyring. Every call throws `DENIED`, `UNAVAILABLE` or `UNSUPPORTED`. */
export interface Keyring {
  /** Lends `use` what an entry holds, undefined when there is none, and zeroes it. */
  read<T>(
    service: string,
    account: string,
    use: (bytes: Uint8Array | undefined) => T | Promise<T>,
  ): Promise<T>;
  write(service: string, account: string, bytes: Uint8Array): Promise<void>;
  /** Whether there was one. */
  remove(service: string, account: string): Promise<boolean>;
  /** Every entry of a service, as text. */
  find(service: string): Promise<readonly { readonly account: string; readonly password: string }[]>;
}

/** Takes turns at the keyring. */
export interface KeyringClient {
  /** Runs `act` when its turn has come. Who gives up is let go at once; `act` ends before the next begins. */
  run<T>(
    options: CallOptions,
    details: FailureDetails,
    act: (keyring: Keyring, check: () => void) => Promise<T>,
  ): Promise<T>;
}

/** A client of the system's keyring, or of `given` in its place. */
export function keyringClient(given?: KeyringLibrary): KeyringClient {
  let last: Promise<unknown> = Promise.resolve();
  let loaded = given;

  return {
    async run(options, details, act) {
      const check = (): void => checkLimits(options, details);
      const turn = last.then(async () => {
        check();
        loaded ??= load();
        await answers(loaded, details);
        check();
        return act(entries(loaded, details), check);
      });
      last = turn.catch(() => undefined);
      return waitWithin(turn, options, Number.POSITIVE_INFINITY, details);
    },
  };
}

function load(): KeyringLibrary {
  try {
    return createRequire(import.meta.url)('@napi-rs/keyring') as KeyringLibrary;
  } catch {
    // Optional; and a library of another platform does not load either.
    throw noLibrary();
  }
}

/**
 * Waits until the keyring answers at all. The library asks it again when it makes an entry, in this thread
 * and for two seconds, where nothing else could happen meanwhile.
 */
async function answers(library: KeyringLibrary, details: FailureDetails): Promise<void> {
  try {
    await library.findCredentialsAsync(NOBODY);
  } catch (error) {
    throw keyringFailure(error, details);
  }
}

const NOBODY = 'hardkey (no keys)';

function entries(library: KeyringLibrary, details: FailureDetails): Keyring {
  // Named, or Linux would take the kernel's keyring where there is no other, which forgets at the next start.
  const entry = (service: string, account: string): KeyringEntry =>
    new library.AsyncEntry(service, account, { linux: { store: 'secret-service' } });

  async function call<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw keyringFailure(error, details);
    }
  }

  return {
    async read(service, account, use) {
      const numbers = await call(() => entry(service, account).getSecret());
      if (numbers === null) return use(undefined);
      const bytes = Uint8Array.from(numbers);
      numbers.fill(0);
      try {
        return await use(bytes);
      } finally {
        bytes.fill(0);
      }
    },
    async write(service, account, bytes) {
      await call(() => entry(service, account).setSecret(bytes));
    },
    remove: (service, account) => call(() => entry(service, account).deleteCredential()),
    find: (service) => call(() => library.findCredentialsAsync(service)),
  };
}
