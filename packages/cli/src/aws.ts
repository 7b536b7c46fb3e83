/**
 * AWS KMS as references, settings and the environment name it. Region, profile and credentials the SDK
 * finds for itself.
 *
 * @module
 */
import type { KeyProvider } from 'hardkey';
import type { AwsKmsConfig } from 'hardkey/providers/aws-kms';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';
import { onUse } from './on-use.ts';

/** What of the settings says which service it is, and how keys are made there. */
export type AwsSettings = Omit<AwsKmsConfig, 'client' | 'key' | 'allowForeign'>;

/** What the provider is made of, beside the settings. */
export interface AwsOptions {
  /** Its keys are listed also where the settings do not name it. */
  readonly lists?: boolean;
  /** Keys that were not made here may be changed and deleted. */
  readonly force?: boolean;
}

/** The service; its keys are listed where the settings name it. */
export function awsProvider(
  { environment: { awsKey } }: Surroundings,
  { awskms: settings }: Config,
  { lists = settings !== undefined, force = false }: AwsOptions = {},
): KeyProvider {
  const offers = ['create', 'import', 'rotate', 'setState', 'destroy', 'check'] as const;
  return onUse('awskms', [...offers, ...(lists ? (['list'] as const) : [])], async () => {
    const { awsKms } = await import('hardkey/providers/aws-kms');
    return awsKms({
      ...settings,
      allowForeign: force,
      ...(awsKey === undefined ? {} : { key: awsKey }),
    });
  });
}
