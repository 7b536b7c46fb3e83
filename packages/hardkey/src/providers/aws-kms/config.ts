/**
 * Which service is spoken to, and how keys are made in it; checked once, in the factory.
 *
 * @module
 */
import { checkFields, invalid, wholeNumber } from '../../core/policy/fields.ts';
import { type AwsKeyName, checkAwsKeyName } from '../../core/refs/aws.ts';
import { isFailure } from '../../errors.ts';
import type { KmsClient } from './client.ts';

/** Without any field: the region and the credentials that the SDK finds for itself. */
export interface AwsKmsConfig {
  /** A `KMSClient` of the SDK, or what has its `send`, in place of one that is made here. Never closed here. */
  readonly client?: KmsClient;
  /** What `awskms:` without a name stands for: a key id, an alias or an ARN. */
  readonly key?: string;
  /** The region of references that name none. Default: as the SDK finds it. */
  readonly region?: string;
  /** URL of the service, for references that name no endpoint. Default: as the SDK finds it. */
  readonly endpoint?: string;
  /** Bound to everything that is wrapped, and needed to unwrap it. It is no secret: AWS CloudTrail shows it. */
  readonly encryptionContext?: Readonly<Record<string, string>>;
  /** Tags of keys that are made here, beside our own. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Days in which the deletion of a key can still be cancelled: 7 to 30. 30 by default. */
  readonly deletionDays?: number;
  /** Keys that were not made here may be disabled, rotated and deleted. False by default. */
  readonly allowForeign?: boolean;
  /** The longest one answer may take, in milliseconds. 10,000 by default. */
  readonly timeoutMs?: number;
}

/** What was checked. */
export interface Settings {
  readonly client: KmsClient | undefined;
  readonly key: AwsKeyName | undefined;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly encryptionContext: Readonly<Record<string, string>> | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly deletionDays: number;
  readonly allowForeign: boolean;
  readonly timeoutMs: number;
}

const FIELDS: Readonly<Record<keyof AwsKmsConfig, true>> = {
  client: true,
  key: true,
  region: true,
  endpoint: true,
  encryptionContext: true,
  tags: true,
  deletionDays: true,
  allowForeign: true,
  timeoutMs: true,
};

/** What KMS lets an administrator choose from (ScheduleKeyDeletion, PendingWindowInDays). */
const DELETION_DAYS = { least: 7, most: 30 };
const TIMEOUT_MS = { usual: 10_000, most: 600_000 };

/** Checks the configuration. Throws `ARGUMENT_INVALID` with the field. */
export function readConfig(config: AwsKmsConfig): Settings {
  checkFields(config, Object.keys(FIELDS), 'awskms');
  const { client, region, endpoint, allowForeign = false } = config;
  if (client !== undefined) checkClient(client, config);
  if (typeof allowForeign !== 'boolean') throw invalid('awskms.allowForeign', 'true or false is needed');
  return {
    client,
    key: config.key === undefined ? undefined : keyOf(config.key),
    region: text(region, 'awskms.region', /^[a-z]{2,}(-[a-z0-9]+)+$/, 'not a region of AWS'),
    endpoint: text(endpoint, 'awskms.endpoint', /^https?:\/\/[^/?#@\s]+\/?$/, 'a URL of a host is needed'),
    encryptionContext: texts(config.encryptionContext, 'awskms.encryptionContext'),
    tags: texts(config.tags, 'awskms.tags') ?? {},
    deletionDays: wholeNumber(
      config.deletionDays ?? DELETION_DAYS.most,
      DELETION_DAYS.least,
      DELETION_DAYS.most,
      'awskms.deletionDays',
    ),
    allowForeign,
    timeoutMs: wholeNumber(config.timeoutMs ?? TIMEOUT_MS.usual, 1, TIMEOUT_MS.most, 'awskms.timeoutMs'),
  };
}

function checkClient(client: KmsClient, { region, endpoint }: AwsKmsConfig): void {
  if (typeof (client as unknown) !== 'object' || typeof client.send !== 'function') {
    throw invalid('awskms.client', 'an object with the method send is needed');
  }
  if (region !== undefined) throw invalid('awskms.region', 'the client has a region already');
  if (endpoint !== undefined) throw invalid('awskms.endpoint', 'the client has an endpoint already');
}

function keyOf(key: string): AwsKeyName {
  try {
    return checkAwsKeyName({ key: String(key) });
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw invalid('awskms.key', 'not a key id, an alias or an ARN of AWS KMS');
  }
}

function text(value: string | undefined, field: string, form: RegExp, message: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && form.test(value))) return value;
  throw invalid(field, message);
}

function texts(value: unknown, field: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null) throw invalid(field, 'an object of texts is needed');
  for (const one of Object.values(value)) {
    if (typeof one !== 'string') throw invalid(field, 'an object of texts is needed');
  }
  return Object.freeze({ ...(value as Readonly<Record<string, string>>) });
}
