/**
 * The calls to KMS, through the SDK's client: one client for each region and endpoint.
 *
 * @module
 */
import { callsUnderWay } from '../../core/calls-under-way.ts';
import { loadSdk } from '../../core/load-sdk.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { AwsKeyName } from '../../core/refs/aws.ts';
import { type FailureDetails, invalid, isFailure } from '../../errors.ts';
import { partsOfArn } from './address.ts';
import type { Input, OperationName, Output } from './calls.ts';
import type { Settings } from './config.ts';
import { awsFailure, noneOfDryRun } from './failures.ts';

/** The slice of the SDK's `KMSClient` that is called, with commands that the SDK makes. */
export interface KmsClient {
  send(command: object, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
}

/** One region at one endpoint. */
export interface Service {
  /** Calls an operation. Throws what {@link awsFailure} says, and in time. */
  call<O extends OperationName>(
    operation: O,
    input: Input<O>,
    options: CallOptions,
    details: FailureDetails,
  ): Promise<Output<O>>;
}

/** The services that references lead to. */
export interface Services {
  /** Throws `ARGUMENT_INVALID` where the client that was given cannot go. */
  at(address: Pick<AwsKeyName, 'endpoint' | 'region'> & Partial<AwsKeyName>): Service;
  /** Throws when the provider was closed, or the call is over. */
  ready(options?: CallOptions): void;
  /** Ends every call with `UNAVAILABLE`. */
  close(): void;
}

/** A client that was made here. */
interface OwnClient extends KmsClient {
  readonly config: {
    region(): Promise<unknown>;
    credentials(how: { readonly forceRefresh: boolean }): Promise<unknown>;
  };
  destroy(): void;
}

/** The slice of the SDK that is used. */
interface Sdk {
  readonly KMSClient: new (config: object) => OwnClient;
  readonly [command: string]: unknown;
}

type Command = new (input: object) => object;

const PROVIDER: FailureDetails = { provider: 'awskms' };
const SDK = { provider: 'awskms', service: 'AWS KMS', packages: '@aws-sdk/client-kms' } as const;

/** Services as the configuration says. Nothing is loaded before the first call. */
export function servicesOf({ client: given, region: usual, endpoint: own, timeoutMs }: Settings): Services {
  const clients = new Map<string, OwnClient>();
  const refused = new WeakSet<OwnClient>();
  let isClosed = false;
  const { ready, inTime, close } = callsUnderWay(PROVIDER, timeoutMs, awsFailure);

  function clientAt(sdk: Sdk, place: string): OwnClient {
    const known = clients.get(place);
    if (known !== undefined) return known;
    // Once: repeating is decided where the deadline is known. And files of credentials are read when they are
    // needed, where the SDK keeps what it read first for as long as the process lasts.
    // And what AWS_DEFAULTS_MODE says of connections is none of ours: a wrong one would end the process.
    const always = { maxAttempts: 1, ignoreCache: true, requestHandler: {} };
    const made = new sdk.KMSClient({ ...always, ...(JSON.parse(place) as object) });
    clients.set(place, made);
    return made;
  }

  /**
   * Gets credentials, others than those that were refused. The SDK has one login at a time and keeps it for good:
   * one that does not end is left with its client, and should it end all the same, the client is used again.
   */
  async function logIn(client: OwnClient, place: string, signal: AbortSignal): Promise<void> {
    const leave = (): void => {
      if (clients.get(place) === client) clients.delete(place);
    };
    signal.addEventListener('abort', leave);
    try {
      await client.config.region();
      await client.config.credentials({ forceRefresh: refused.has(client) });
      refused.delete(client);
      if (signal.aborted && !isClosed) clients.set(place, client);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Sends through a client that was made here. */
  async function send(sdk: Sdk, place: string, command: object, abortSignal: AbortSignal): Promise<unknown> {
    const client = clientAt(sdk, place);
    try {
      await logIn(client, place, abortSignal);
      return await client.send(command, { abortSignal });
    } catch (error) {
      const failure = awsFailure(error, PROVIDER);
      if (isFailure(failure) && failure.details.field === 'awskms.credentials') refused.add(client);
      throw error;
    }
  }

  return {
    at({ endpoint, region, key = '' }) {
      if (given !== undefined && (endpoint ?? region) !== undefined) {
        throw invalid('the client that was given has its own region and endpoint', 'awskms.client');
      }
      const place = JSON.stringify({
        region: region ?? (key.startsWith('arn:') ? partsOfArn(key).region : usual),
        endpoint: endpoint === undefined ? own : `https://${endpoint}`,
      });
      return {
        async call(operation, input, options, details) {
          ready(options);
          const about = { ...PROVIDER, ...details, operation };
          return inTime(options, about, async (abortSignal) => {
            const sdk = await loadSdk<Sdk>(SDK, () => import('@aws-sdk/client-kms'));
            ready(options);
            const make = sdk[`${operation}Command`] as Command;
            const command = new make(input);
            try {
              if (given !== undefined)
                return (await given.send(command, { abortSignal })) as Output<typeof operation>;
              return (await send(sdk, place, command, abortSignal)) as Output<typeof operation>;
            } catch (error) {
              return noneOfDryRun(error) as Output<typeof operation>;
            }
          });
        },
      };
    },
    ready,
    close() {
      isClosed = true;
      close();
      for (const client of clients.values()) client.destroy();
      clients.clear();
    },
  };
}
