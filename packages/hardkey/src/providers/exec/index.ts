/**
 * Keys in the hands of programs of yours: run for each signature, or kept running.
 *
 * @module
 */
import type { KeyProvider } from '../../core/key.ts';
import { checkLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { findSigner } from './address.ts';
import { type ExecConfig, readConfig } from './config.ts';
import { unavailable } from './failures.ts';
import { type ExecSigner, execSigner } from './signer.ts';

export type { ExecConfig, OnceConfig, PersistentConfig, ProgramConfig, SignerConfig } from './config.ts';

/**
 * Opens `exec:NAME`, for the signers of the configuration. Throws `ARGUMENT_INVALID` for a
 * configuration that cannot work.
 *
 * A program that cannot be started is `UNAVAILABLE`, one that may not be run `DENIED`; one that ends
 * with another status than 0, is killed or takes too long is `UNAVAILABLE`, unless its status says
 * otherwise (66 `KEY_NOT_FOUND`, 69 `UNSUPPORTED`, 77 `DENIED`); output that is not exactly one
 * signature is `MALFORMED`. Nothing that a program writes is part of any failure.
 */
export function exec(config: ExecConfig): KeyProvider {
  const signers: ReadonlyMap<string, ExecSigner> = new Map(
    readConfig(config).map((settings) => [settings.name, execSigner(settings)]),
  );
  let closing: Promise<unknown> | undefined;

  function ready(options: CallOptions): void {
    const details = { provider: 'exec' };
    if (closing !== undefined) throw unavailable('the provider was closed', details);
    checkLimits(options, details);
  }

  return Object.freeze({
    contract: 1,
    schemes: ['exec'],
    async open(ref, options = {}) {
      ready(options);
      return findSigner(signers, ref).open(options);
    },
    async *list(options = {}) {
      ready(options);
      for (const signer of signers.values()) yield await signer.info();
    },
    async close() {
      closing ??= Promise.all([...signers.values()].map((signer) => signer.close()));
      await closing;
    },
  } satisfies KeyProvider);
}
