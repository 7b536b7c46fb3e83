/**
 * Google Cloud KMS as references, settings and the environment name it. The credentials the SDK finds for
 * itself.
 *
 * @module
 */
import { Failure, type KeyProvider } from 'hardkey';
import type { GcpKmsConfig } from 'hardkey/providers/gcp-kms';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';

/** The key ring in a reference. */
const RING = /^gcpkms:\/\/(projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+)/;

/** What of the settings says which service it is, and how keys are made there. */
export type GcpSettings = Omit<GcpKmsConfig, 'client' | 'key' | 'allowForeign'>;

/** What the provider is made of, beside the settings. */
export interface GcpOptions {
  /** Keys that were not made here may be changed and destroyed. */
  readonly force?: boolean;
}

/** The service. Where it `lists`, it lists the keys of the ring that `listOf` is in, or that has to be named. */
export async function gcpProvider(
  surroundings: Surroundings,
  config: Config,
  { lists, listOf = '' }: { readonly lists: boolean; readonly listOf: string | undefined },
  { force = false }: GcpOptions,
): Promise<KeyProvider> {
  const { key, endpoint } = surroundings.environment.gcp;
  const { gcpKms } = await import('hardkey/providers/gcp-kms');
  hushLookups();
  return gcpKms({
    ...config.gcpkms,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(lists ? { keyRing: RING.exec(listOf)?.[1] ?? keyRingOf(surroundings, config) } : {}),
    allowForeign: force,
    ...(key === undefined ? {} : { key }),
  });
}

/** A failure is one line, which says that no credentials were found: the SDK warns of a part of that besides. */
function hushLookups(): void {
  const listeners = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name === 'MetadataLookupWarning') return;
    for (const tell of listeners) tell(warning);
  });
}

/** The key ring of the environment, or of the settings. Throws `ARGUMENT_INVALID`. */
export function keyRingOf({ environment }: Surroundings, { gcpkms }: Config): string {
  const ring = environment.gcp.keyRing ?? gcpkms?.keyRing;
  if (ring !== undefined) return ring;
  const mend = 'name it as gcpkms.keyRing in the settings, or by A1_GCP_PROJECT and A1_GCP_KEY_RING';
  throw new Failure('ARGUMENT_INVALID', `no key ring is configured: ${mend}`, {
    field: 'config.gcpkms.keyRing',
  });
}

/** What the settings have to say of the key ring that the environment names. */
export function gcpSettings({ environment }: Pick<Surroundings, 'environment'>): GcpSettings {
  const { keyRing } = environment.gcp;
  return keyRing === undefined ? {} : { keyRing };
}
