/**
 * `awskms:` references in sigstore's form: `awskms://[ENDPOINT]/KEY`, with a region where KEY does
 * not name one.
 *
 * @module
 */
import { readAttributes, writeAttributes } from './attributes.ts';
import { parseHost } from './hosts.ts';
import { present, refuse } from './refuse.ts';

/** A key of AWS KMS. */
export interface AwsKeyName {
  /** Key id, multi-region key id, `alias/NAME`, or the ARN of a key or of an alias. */
  readonly key: string;
  /** `host` or `host:port`, spoken to over HTTPS. Absent: the SDK's own choice. */
  readonly endpoint?: string;
  /** Absent: the region of the ARN, or the SDK's own choice. */
  readonly region?: string;
}

const ID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}';
const ALIAS = 'alias/[A-Za-z0-9/_-]{1,250}';
const KEY = new RegExp(`^(${ID}|${ALIAS})$`);
const ARN = new RegExp(`^arn:aws(-[a-z]+)*:kms:(?<region>[a-z0-9-]+):[0-9]{12}:(key/(${ID})|${ALIAS})$`);
const REGION = /^[a-z]{2,}(-[a-z0-9]+)+$/;

/** Parses `//[ENDPOINT]/KEY[?region=R]`. Throws `ARGUMENT_INVALID`. */
export function parseAwsKeyName(body: string): AwsKeyName {
  const attributes = readAttributes('awskms', body, { query: ['region'] });
  const { endpoint, key } = /^\/\/(?<endpoint>[^/]*)\/(?<key>.*)$/s.exec(attributes.path)?.groups ?? {};
  if (endpoint === undefined || key === undefined) {
    throw refuse('awskms', 'not of the form awskms://[endpoint]/key');
  }
  return checkAwsKeyName({
    key,
    endpoint: endpoint === '' ? undefined : parseHost(endpoint, 'awskms.endpoint', 2),
    region: attributes.text('region'),
  });
}

/** The name, if its key has one of the forms of AWS KMS and its region is one. */
export function checkAwsKeyName(fields: {
  readonly key: string;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
}): AwsKeyName {
  const { key, region } = fields;
  const arn = ARN.exec(key);
  if (arn === null && !KEY.test(key))
    throw refuse('awskms.key', 'not a key id, an alias or an ARN of AWS KMS');
  if (region !== undefined && !REGION.test(region)) throw refuse('awskms.region', 'not a region of AWS');
  if (region !== undefined && arn !== null && arn.groups?.['region'] !== region) {
    throw refuse('awskms.region', 'the ARN names another region');
  }
  return present<AwsKeyName>({ key, endpoint: fields.endpoint, region });
}

/** Writes what {@link parseAwsKeyName} reads. */
export function formatAwsKeyName({ key, endpoint = '', region }: AwsKeyName): string {
  return `//${endpoint}/${key}${writeAttributes([], [['region', region]])}`;
}
