/**
 * The file store as the options describe it.
 *
 * Without an option that says where the passphrase comes from, a store that has none opens as it is,
 * and one that has a passphrase asks for it.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isFailure, type KeyProvider } from 'hardkey';
import { type FileConfig, file } from 'hardkey/providers/file';
import { askPassphrase, type PassphraseChoice } from './passphrase.ts';

/** Where a store is, and how it is made. */
export type StoreOptions = Pick<FileConfig, 'derivation' | 'softwareInsteadOf'> & { readonly store: string };

/** Opens a store. Somebody who makes it is asked for the passphrase twice. */
export function fileStore(
  config: StoreOptions,
  passphrase: PassphraseChoice,
  interactive: boolean,
): KeyProvider {
  if (passphrase.kind === 'source') return file({ ...config, passphrase: passphrase.source });
  if (passphrase.kind === 'none') return file({ ...config, unencrypted: true });
  const ask = passphrase.ask ?? askPassphrase(interactive, interactive && isNew(config.store));
  return firstOf(file(config), file({ ...config, passphrase: ask }));
}

/** Calls `plain`, and `asking` where that fails for want of a passphrase. */
function firstOf(plain: KeyProvider, asking: KeyProvider): KeyProvider {
  async function either<T>(call: (provider: KeyProvider) => Promise<T> | undefined): Promise<T> {
    try {
      return (await call(plain)) as T;
    } catch (error) {
      if (!asksForPassphrase(error)) throw error;
      return (await call(asking)) as T;
    }
  }
  return {
    contract: 1,
    schemes: plain.schemes,
    open: (ref, options) => either((provider) => provider.open(ref, options)),
    create: (ref, spec, options) => either((provider) => provider.create?.(ref, spec, options)),
    import: (ref, material, options) => either((provider) => provider.import?.(ref, material, options)),
    async *list(options) {
      yield* await either((provider) => collect(provider.list?.(options) ?? []));
    },
    rotate: (ref, options) => either((provider) => provider.rotate?.(ref, options)),
    setState: (ref, state, options) => either((provider) => provider.setState?.(ref, state, options)),
    destroy: (ref, options) => either((provider) => provider.destroy?.(ref, options)),
    async close() {
      await plain.close();
      await asking.close();
    },
  };
}

async function collect<T>(items: AsyncIterable<T> | Iterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Whether a file needs a passphrase, the store's or a key's own. What a key needs that is taken in has no path. */
function asksForPassphrase(error: unknown): boolean {
  if (!isFailure(error, 'ARGUMENT_INVALID')) return false;
  return error.details.field === 'passphrase' && error.details.path !== undefined;
}

/** Whether a store would be new here. What is no folder, or is closed to us, is the store's to report. */
function isNew(folder: string): boolean {
  return !existsSync(join(folder, 'store.json'));
}
