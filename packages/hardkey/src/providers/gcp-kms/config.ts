/**
 * Which service is spoken to, and how keys are made in it; checked once, in the factory.
 *
 * @module
 */
import { checkFields, invalid, wholeNumber } from '../../core/policy/fields.ts';
import { type GcpKeyName, parseGcpResource } from '../../core/refs/gcp.ts';
import { isFailure } from '../../errors.ts';
import type { KmsClient } from './client.ts';

/** Without any field: the service itself, and the credentials that the SDK finds. */
export interface GcpKmsConfig {
  /** A `KeyManagementServiceClient` of the SDK, or what has its methods, in place of one that is made here. Never closed here. */
  readonly client?: KmsClient;
  /** What `gcpkms:` without a name stands for: `projects/P/locations/L/keyRings/R/cryptoKeys/K`, or a version of it. */
  readonly key?: string;
  /** The key ring that is listed: `projects/P/locations/L/keyRings/R`. Nothing is listed without one. */
  readonly keyRing?: string;
  /** URL of the service. `https:` with credentials; `http:` is for servers of this machine, and gets none. */
  readonly endpoint?: string;
  /** `grpc` by default. `rest` where HTTP/2 does not come through. */
  readonly transport?: 'grpc' | 'rest';
  /** Text bound to everything that is wrapped by the service, and needed to unwrap it. */
  readonly additionalAuthenticatedData?: string;
  /** Labels of keys that are made here, beside our own. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Where keys that are made here live. `SOFTWARE` by default; secp256k1 is in an HSM always. */
  readonly protectionLevel?: 'SOFTWARE' | 'HSM';
  /** Days in which the destruction of a key made here can still be undone: 1 to 120. 30 by default. */
  readonly deletionDays?: number;
  /** Keys that were not made here may be disabled, rotated and destroyed. False by default. */
  readonly allowForeign?: boolean;
  /** The longest one answer may take, in milliseconds. 10,000 by default. */
  readonly timeoutMs?: number;
}

/** What was checked. */
export interface Settings {
  readonly client: KmsClient | undefined;
  readonly key: GcpKeyName | undefined;
  readonly keyRing: string | undefined;
  readonly endpoint: string | undefined;
  readonly transport: 'grpc' | 'rest';
  readonly additionalAuthenticatedData: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly protectionLevel: 'SOFTWARE' | 'HSM';
  readonly deletionDays: number;
  readonly allowForeign: boolean;
  readonly timeoutMs: number;
}

const FIELDS: Readonly<Record<keyof GcpKmsConfig, true>> = {
  client: true,
  key: true,
  keyRing: true,
  endpoint: true,
  transport: true,
  additionalAuthenticatedData: true,
  labels: true,
  protectionLevel: true,
  deletionDays: true,
  allowForeign: true,
  timeoutMs: true,
};

/** CryptoKey.destroy_scheduled_duration: 24 hours at least, 120 days at most. */
const DELETION_DAYS = { least: 1, most: 120, usual: 30 };
const TIMEOUT_MS = { usual: 10_000, most: 600_000 };

/** Checks the configuration. Throws `ARGUMENT_INVALID` with the field. */
export function readConfig(config: GcpKmsConfig): Settings {
  checkFields(config, Object.keys(FIELDS), 'gcpkms');
  const { client, allowForeign = false, additionalAuthenticatedData } = config;
  if (client !== undefined) checkClient(client, config);
  if (typeof allowForeign !== 'boolean') throw invalid('gcpkms.allowForeign', 'true or false is needed');
  return {
    client,
    key: config.key === undefined ? undefined : keyOf(config.key),
    keyRing: ringOf(config.keyRing),
    endpoint: endpointOf(config.endpoint),
    transport: oneOf(config.transport ?? 'grpc', ['grpc', 'rest'], 'gcpkms.transport'),
    additionalAuthenticatedData: text(additionalAuthenticatedData, 'gcpkms.additionalAuthenticatedData'),
    labels: labelsOf(config.labels),
    protectionLevel: oneOf(
      config.protectionLevel ?? 'SOFTWARE',
      ['SOFTWARE', 'HSM'],
      'gcpkms.protectionLevel',
    ),
    deletionDays: wholeNumber(
      config.deletionDays ?? DELETION_DAYS.usual,
      DELETION_DAYS.least,
      DELETION_DAYS.most,
      'gcpkms.deletionDays',
    ),
    allowForeign,
    timeoutMs: wholeNumber(config.timeoutMs ?? TIMEOUT_MS.usual, 1, TIMEOUT_MS.most, 'gcpkms.timeoutMs'),
  };
}

function checkClient(client: KmsClient, { endpoint, transport }: GcpKmsConfig): void {
  if (typeof (client as unknown) !== 'object' || client === null) {
    throw invalid('gcpkms.client', 'an object with the methods of the client is needed');
  }
  if (endpoint !== undefined) throw invalid('gcpkms.endpoint', 'the client has an endpoint already');
  if (transport !== undefined) throw invalid('gcpkms.transport', 'the client has a transport already');
}

function keyOf(key: string): GcpKeyName {
  try {
    return parseGcpResource(String(key));
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw invalid('gcpkms.key', 'not the resource name of a key or of a key version');
  }
}

/** A ring is what a key is in: the same grammar, without the end. */
function ringOf(ring: string | undefined): string | undefined {
  if (ring === undefined) return undefined;
  try {
    parseGcpResource(`${ring}/cryptoKeys/k`);
    return ring;
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw invalid('gcpkms.keyRing', 'not the resource name of a key ring');
  }
}

function endpointOf(endpoint: string | undefined): string | undefined {
  const url = text(endpoint, 'gcpkms.endpoint');
  if (url === undefined) return undefined;
  if (!/^https?:\/\/[^/?#@\s]+\/?$/.test(url) || !URL.canParse(url)) {
    throw invalid('gcpkms.endpoint', 'a URL of a host is needed');
  }
  // Whoever is on the way could read and change everything.
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname)) return url;
  throw invalid('gcpkms.endpoint', 'without TLS only a server of this machine is spoken to');
}

function oneOf<T extends string>(value: T, allowed: readonly T[], field: string): T {
  if (allowed.includes(value)) return value;
  throw invalid(field, `one of ${allowed.join(' and ')} is needed`);
}

function text(value: string | undefined, field: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw invalid(field, 'text is needed');
}

/** Google's rule for labels: lower case, and begins with a letter. */
function labelsOf(labels: unknown): Readonly<Record<string, string>> {
  if (labels === undefined) return {};
  if (typeof labels !== 'object' || labels === null) {
    throw invalid('gcpkms.labels', 'an object of texts is needed');
  }
  for (const [name, value] of Object.entries(labels)) {
    const isRight = /^[a-z][a-z0-9_-]{0,62}$/.test(name) && /^[a-z0-9_-]{0,63}$/.test(String(value));
    if (!isRight) throw invalid('gcpkms.labels', 'labels are of lower case letters, digits, _ and -');
    if (name.startsWith('hardkey')) throw invalid('gcpkms.labels', 'labels that begin with hardkey are ours');
  }
  return Object.freeze({ ...(labels as Readonly<Record<string, string>>) });
}
