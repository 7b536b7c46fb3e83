/**
 * Keys in a TPM 2.0, spoken to directly: at handles of the TPM, or in files that only it opens.
 *
 * @module
 */
import type { KeyProvider } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import { readConfig, type TpmConfig } from './config.ts';
import { contextOf } from './context.ts';
import { createKey, destroyKey, listKeys, openKey } from './keys.ts';
import { readStatus, type TpmStatus } from './status.ts';
import type { Tpm } from './tpm.ts';

export { tpmDevice } from './address.ts';
export type { TpmConfig } from './config.ts';
export type { TpmStatus } from './status.ts';

/** Keys in TPMs, and what a TPM does beside keeping keys. All of it is for the device of the configuration. */
export interface TpmProvider extends KeyProvider {
  /** What the TPM is, and how near it is to locking everybody out. */
  status(options?: CallOptions): Promise<TpmStatus>;
}

/**
 * Opens `tpm:handle=0x81…` and `tpm:file=PATH`. Throws `ARGUMENT_INVALID` for a configuration that
 * cannot work. Nothing is sent before the first call.
 *
 * A TPM that is not there, or does not answer in time, is `UNAVAILABLE`; a device that may not be
 * opened, a wrong authorization value, a policy that does not hold and a TPM that is locked out are
 * `DENIED`; one without room is `OVERLOADED`.
 */
export function tpm(config: TpmConfig = {}): TpmProvider {
  const context = contextOf(readConfig(config));
  const { device } = context.settings;

  function onDevice<T>(options: CallOptions, act: (tpm: Tpm) => Promise<T>): Promise<T> {
    return context.run(device, options, { provider: 'tpm', path: device }, act);
  }

  return Object.freeze({
    contract: 1,
    schemes: ['tpm'],
    open: async (ref, options = {}) => openKey(context, ref, options),
    create: async (ref, spec, options = {}) => createKey(context, ref, spec, options),
    list: (options = {}) => listKeys(context, options),
    destroy: async (ref, options = {}) => destroyKey(context, ref, options),
    status: async (options = {}) => onDevice(options, readStatus),
    close: () => context.close(),
  } satisfies TpmProvider);
}
