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
import { onUse } from './on-use.ts';

/** What of the settings says which service it is, and how keys are made there. */
export type GcpSettings = Omit<GcpKmsConfig, 'client' | 'key' | 'allowForeign'>;

/** What the provider is made of, beside the settings. */
export interface GcpOptions {
  /** Its keys are listed also where the settings name no key ring. */
  readonly lists?: boolean;
  /** Keys that were not made here may be changed and destroyed. */
  readonly force?: boolean;
}

/** The service; the keys of a ring are listed where the settings name one. */
export function gcpProvider(
  surroundings: Surroundings,
  config: Config,
  { lists = config.gcpkms?.keyRing !== undefined, force = false }: GcpOptions = {},
): KeyProvider {
  const { key, endpoint } = surroundings.environment.gcp;
  const offers = ['create', 'rotate', 'setState', 'destroy', 'check'] as const;
  return onUse('gcpkms', [...offers, ...(lists ? (['list'] as const) : [])], async () => {
    const { gcpKms } = await import('hardkey/providers/gcp-kms');
    return gcpKms({
      ...config.gcpkms,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(lists ? { keyRing: keyRingOf(surroundings, config) } : {}),
      allowForeign: force,
      ...(key === undefined ? {} : { key }),
    });
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
