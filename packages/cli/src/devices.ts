/**
 * Keys in devices: providers that are loaded when a reference first names one.
 *
 * @module
 */
import { Failure, type KeyProvider, type KeyRef, parseKeyRef, type SecretSource } from 'hardkey';
import type { TpmProvider } from 'hardkey/providers/tpm';
import { secretDescriptor, secretFile } from 'hardkey/secrets';
import type { Environment } from './environment.ts';
import { type Given, onlyOne } from './given.ts';
import { credential, descriptorOf } from './passphrase.ts';

/** How the provider of a scheme is made. */
type Load = (options: DeviceOptions) => Promise<KeyProvider>;

/** What a provider is made of. */
export interface DeviceOptions {
  readonly given: Given;
  readonly environment: Environment;
  /** The reference whose device is meant where another one names none. */
  readonly listed?: KeyRef;
  /** Keys may be made and ended also where they are not expected. */
  readonly force?: boolean;
  /** Certificates of the key that attests, PEM. */
  readonly certificates?: string;
}

const LOADERS: Readonly<Record<string, Load>> = { tpm: loadTpm };

async function loadTpm(options: DeviceOptions): Promise<TpmProvider> {
  const { given, environment, listed, force = false, certificates } = options;
  const { tpm, tpmDevice } = await import('hardkey/providers/tpm');
  const device = listed && tpmDevice(listed);
  const auth = pinOf(given, environment);
  const pcrs = given.text('pcrs');
  return tpm({
    ...(device === undefined ? {} : { device }),
    ...(auth === undefined ? {} : { auth }),
    ...(pcrs === undefined ? {} : { pcrs }),
    ...(certificates === undefined ? {} : { attestationCertificates: certificates }),
    allowEndorsementHandles: force,
  });
}

/** The TPM of a reference, to a key or to the device alone. */
export async function tpmOf(given: Given, environment: Environment, text: string): Promise<TpmProvider> {
  const listed = parseKeyRef(text);
  if (listed.scheme === 'tpm') return loadTpm({ given, environment, listed });
  throw new Failure('UNSUPPORTED', 'no key of this kind attests', { provider: listed.scheme });
}

/** Providers for every kind of device. Nothing of them is loaded before it is needed. */
export function deviceProviders(options: DeviceOptions): readonly KeyProvider[] {
  return Object.entries(LOADERS).map(([scheme, load]) => lazily(scheme, () => load(options)));
}

/** The provider of the device that a reference names, for listing its keys. */
export async function deviceOf(given: Given, environment: Environment, text: string): Promise<KeyProvider> {
  const listed = parseKeyRef(text);
  const load = LOADERS[listed.scheme];
  if (load !== undefined) return load({ given, environment, listed });
  throw new Failure('UNSUPPORTED', 'keys of this scheme are not listed by reference', {
    provider: listed.scheme,
  });
}

/** It lists nothing: which device is meant, only a reference says. */
function lazily(scheme: string, load: () => Promise<KeyProvider>): KeyProvider {
  let loaded: Promise<KeyProvider> | undefined;
  const provider = (): Promise<KeyProvider> => {
    loaded ??= load();
    return loaded;
  };
  async function offered<M>(choose: (found: KeyProvider) => M | undefined): Promise<M> {
    const method = choose(await provider());
    if (method !== undefined) return method;
    throw new Failure('UNSUPPORTED', 'the provider does not offer this', { provider: scheme });
  }
  return {
    contract: 1,
    schemes: [scheme],
    open: async (ref, options) => (await provider()).open(ref, options),
    create: async (ref, spec, options) =>
      (await offered((found) => found.create?.bind(found)))(ref, spec, options),
    import: async (ref, material, options) =>
      (await offered((found) => found.import?.bind(found)))(ref, material, options),
    destroy: async (ref, options) => (await offered((found) => found.destroy?.bind(found)))(ref, options),
    async close() {
      await (await loaded)?.close();
    },
  };
}

const PIN: readonly string[] = ['pin-file', 'pin-credential', 'pin-fd'];

/** What opens a key of a device, where an option says where it is. */
function pinOf(given: Given, environment: Environment): SecretSource | undefined {
  onlyOne(given, PIN);
  const path = given.text('pin-file');
  if (path !== undefined) return secretFile(path);
  const name = given.text('pin-credential');
  if (name !== undefined) return credential(name, environment, 'pin-credential');
  const descriptor = given.text('pin-fd');
  return descriptor === undefined ? undefined : secretDescriptor(descriptorOf(descriptor, given, 'pin-fd'));
}
