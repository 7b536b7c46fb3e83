/**
 * `awskms:` references: which key, of which region, at which endpoint.
 *
 * @module
 */
import { type KeyRef, keyRef } from '../../core/key-ref.ts';
import { type AwsKeyName, formatAwsKeyName, parseAwsKeyName } from '../../core/refs/aws.ts';
import { invalid } from '../../errors.ts';

/** The key a reference names; with an empty body, that of the configuration. Throws `ARGUMENT_INVALID`. */
export function readAddress({ body }: KeyRef, configured: AwsKeyName | undefined): AwsKeyName {
  if (body !== '') return parseAwsKeyName(body);
  if (configured !== undefined) return configured;
  throw invalid(
    'the reference names no key, and none is configured: the command takes A1_KMS_KEY_ID',
    'awskms.key',
  );
}

/** Names a key for good: by its ARN, which an alias that moves does not change. */
export function pinnedRef({ endpoint }: Pick<AwsKeyName, 'endpoint'>, arn: string): KeyRef {
  return keyRef('awskms', formatAwsKeyName({ key: arn, ...(endpoint === undefined ? {} : { endpoint }) }));
}

/** What follows `alias/`, of an alias or its ARN; undefined where a key is named by its id. */
export function aliasOf({ key }: Pick<AwsKeyName, 'key'>): string | undefined {
  return /(?:^|:)alias\/(?<alias>.*)$/.exec(key)?.groups?.['alias'];
}

/** Whether a name is the ARN of a key: one that never means another. */
export function isKeyArn(name: string): boolean {
  return name.startsWith('arn:') && name.includes(':key/');
}

/** The region and the account that an ARN names. */
export function partsOfArn(arn: string): { readonly region: string; readonly account: string } {
  const [, , , region = '', account = ''] = arn.split(':');
  return { region, account };
}
