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

/** What of the settings says which service it is, and how keys are made there. */
export type AwsSettings = Omit<AwsKmsConfig, 'client' | 'key' | 'allowForeign'>;

/** What the provider is made of, beside the settings. */
export interface AwsOptions {
  /** Keys that were not made here may be changed and deleted. */
  readonly force?: boolean;
}

/** The service. */
export async function awsProvider(
  { environment: { awsKey } }: Surroundings,
  { awskms: settings }: Config,
  { force = false }: AwsOptions,
): Promise<KeyProvider> {
  const { awsKms } = await import('hardkey/providers/aws-kms');
  return awsKms({
    ...settings,
    allowForeign: force,
    ...(awsKey === undefined ? {} : { key: awsKey }),
  });
}
