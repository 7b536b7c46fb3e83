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

/** The endpoint, and the region, in a reference that need not name a key. */
const ENDPOINT = /^awskms:\/\/([^/?]+)/;
const REGION = /(?:[?;]region=|\/arn:[\w-]+:kms:)([\w-]+)/;

/** What the provider is made of, beside the settings. */
export interface AwsOptions {
  /** A reference to where the keys are that are listed, in place of those of the settings. */
  readonly listOf?: string;
  /** Keys that were not made here may be changed and deleted. */
  readonly force?: boolean;
}

/** The service. Throws `ARGUMENT_INVALID` for a region or an endpoint that is none. */
export async function awsProvider(
  { environment: { awsKey } }: Surroundings,
  { awskms: settings }: Config,
  { force = false, listOf = '' }: AwsOptions,
): Promise<KeyProvider> {
  const { awsKms } = await import('hardkey/providers/aws-kms');
  const [, endpoint] = ENDPOINT.exec(listOf) ?? [];
  const [, region] = REGION.exec(listOf) ?? [];
  return awsKms({
    ...settings,
    ...(endpoint === undefined ? {} : { endpoint: `https://${endpoint}` }),
    ...(region === undefined ? {} : { region }),
    allowForeign: force,
    ...(awsKey === undefined ? {} : { key: awsKey }),
  });
}
