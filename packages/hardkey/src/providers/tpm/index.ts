/**
 * Keys in a TPM 2.0, spoken to directly: at handles of the TPM, or in files that only it opens.
 *
 * @module
 */
import type { KeyProvider } from '../../core/key.ts';
import { readConfig, type TpmConfig } from './config.ts';
import { contextOf } from './context.ts';
import { createKey, destroyKey, listKeys, openKey } from './keys.ts';

export type { TpmConfig } from './config.ts';

/**
 * Opens `tpm:handle=0x81…` and `tpm:file=PATH`. Throws `ARGUMENT_INVALID` for a configuration that
 * cannot work. Nothing is sent before the first call.
 *
 * A TPM that is not there, or does not answer in time, is `UNAVAILABLE`; a device that may not be
 * opened, a wrong authorization value, a policy that does not hold and a TPM that is locked out are
 * `DENIED`; one without room is `OVERLOADED`.
 */
export function tpm(config: TpmConfig = {}): KeyProvider {
  const context = contextOf(readConfig(config));
  return Object.freeze({
    contract: 1,
    schemes: ['tpm'],
    open: async (ref, options = {}) => openKey(context, ref, options),
    create: async (ref, spec, options = {}) => createKey(context, ref, spec, options),
    list: (options = {}) => listKeys(context, options),
    destroy: async (ref, options = {}) => destroyKey(context, ref, options),
    close: () => context.close(),
  } satisfies KeyProvider);
}
