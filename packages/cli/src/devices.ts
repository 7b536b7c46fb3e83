/**
 * Keys in devices: providers that are loaded when a reference first names one.
 *
 * @module
 */
import { Failure, type KeyProvider, type KeyRef, parseKeyRef } from 'hardkey';
import type { TpmConfig, TpmProvider } from 'hardkey/providers/tpm';
import type { Environment } from './environment.ts';
import type { Given } from './given.ts';
import { onUse } from './on-use.ts';
import { pinOf } from './pin.ts';

/** How the provider of a scheme is made. */
type Load = (options: DeviceOptions) => Promise<KeyProvider>;

/** What of the settings says which TPM there is. */
export type TpmSettings = Pick<TpmConfig, 'device' | 'folder' | 'pcrs' | 'timeoutMs'>;

/** What a provider is made of. */
export interface DeviceOptions {
  readonly given: Given;
  readonly environment: Environment;
  /** What the settings say, where they name the device: then its keys are listed. */
  readonly settings?: TpmSettings | undefined;
  /** The reference whose device is meant where another one names none. */
  readonly listed?: KeyRef;
  /** Keys may be made and ended also where they are not expected. */
  readonly force?: boolean;
  /** Certificates of the key that attests, PEM. */
  readonly certificates?: string;
}

const LOADERS: Readonly<Record<string, Load>> = { tpm: loadTpm };

async function loadTpm({
  given,
  environment,
  settings = {},
  listed,
  force = false,
  certificates,
}: DeviceOptions): Promise<TpmProvider> {
  const { tpm, tpmDevice } = await import('hardkey/providers/tpm');
  const device = listed && tpmDevice(listed);
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

/** The TPM of a reference, to a key or to the device alone. */
export async function tpmOf(options: DeviceOptions, text: string): Promise<TpmProvider> {
  const listed = parseKeyRef(text);
  if (listed.scheme === 'tpm') return loadTpm({ ...options, listed });
  throw new Failure('UNSUPPORTED', 'no key of this kind attests', { provider: listed.scheme });
}

/** Providers for every kind of device. Those that the settings do not name list nothing. */
export function deviceProviders(options: DeviceOptions): readonly KeyProvider[] {
  const lists = options.settings === undefined ? [] : (['list'] as const);
  return Object.entries(LOADERS).map(([scheme, load]) =>
    onUse(scheme, ['create', 'import', 'destroy', ...lists], () => load(options)),
  );
}

/** The provider of the device that a reference names, for listing its keys. */
export async function deviceOf(options: DeviceOptions, text: string): Promise<KeyProvider> {
  const listed = parseKeyRef(text);
  const load = LOADERS[listed.scheme];
  if (load !== undefined) return load({ ...options, listed });
  throw new Failure('UNSUPPORTED', 'keys of this scheme are not listed by reference', {
    provider: listed.scheme,
  });
}
