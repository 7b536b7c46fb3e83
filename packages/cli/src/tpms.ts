/**
 * TPMs as references, options and settings name them.
 *
 * @module
 */
import { Failure, parseKeyRef } from 'hardkey';
import type { TpmConfig, TpmProvider } from 'hardkey/providers/tpm';
import type { Environment } from './environment.ts';
import type { Given } from './given.ts';
import { pinOf } from './pin.ts';

/** What of the settings says which TPM there is. */
export type TpmSettings = Pick<TpmConfig, 'device' | 'folder' | 'pcrs' | 'timeoutMs'>;

/** What the provider is made of. */
export interface TpmOptions {
  readonly given: Given;
  readonly environment: Environment;
  /** What the settings say, where they name the device: then its keys are listed. */
  readonly settings?: TpmSettings | undefined;
  /** Keys may be made and ended also where they are not expected. */
  readonly force?: boolean;
  /** Certificates of the key that attests, PEM. */
  readonly certificates?: string;
}

/** The TPM of a reference, to a key or to the device alone. */
export async function tpmOf(options: TpmOptions, text: string): Promise<TpmProvider> {
  const { scheme } = parseKeyRef(text);
  if (scheme === 'tpm') return tpmProvider(options, text);
  throw new Failure('UNSUPPORTED', 'no key of this kind attests', { provider: scheme });
}

/** The TPM; the one of `listOf`, a reference, in place of that of the settings, where its keys are wanted. */
export async function tpmProvider(
  { given, environment, settings = {}, force = false, certificates }: TpmOptions,
  listOf?: string,
): Promise<TpmProvider> {
  const { tpm, tpmDevice } = await import('hardkey/providers/tpm');
  const device = listOf === undefined ? undefined : tpmDevice(parseKeyRef(listOf));
  const auth = pinOf(given, environment);
  const pcrs = given.text('pcrs');
  return tpm({
    ...settings,
    ...(device === undefined ? {} : { device }),
    ...(auth === undefined ? {} : { auth }),
    ...(pcrs === undefined ? {} : { pcrs }),
    ...(certificates === undefined ? {} : { attestationCertificates: certificates }),
    allowEndorsementHandles: force,
  });
}
