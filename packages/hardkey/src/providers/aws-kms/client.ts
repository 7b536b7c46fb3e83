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
  readonly config: { credentials(how: { readonly forceRefresh: true }): Promise<unknown> };
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
  const refused = new WeakSet<KmsClient>();
  const { ready, inTime, close } = callsUnderWay(PROVIDER, timeoutMs, awsFailure);

  function clientAt(sdk: Sdk, region: string | undefined, endpoint: string | undefined): KmsClient {
    if (given !== undefined) return given;
    const key = JSON.stringify([region, endpoint]);
    const known = clients.get(key);
    if (known !== undefined) return known;
    const place = { ...(region && { region }), ...(endpoint && { endpoint }) };
    // Once: repeating is decided where the deadline is known. And files of credentials are read when they are
    // needed, where the SDK keeps what it read first for as long as the process lasts.
    const made = new sdk.KMSClient({ maxAttempts: 1, ignoreCache: true, ...place });
    clients.set(key, made);
    return made;
  }

  /** Sends through a client. After credentials that were refused it looks for others: the SDK keeps them for good. */
  async function send(client: KmsClient, command: object, abortSignal: AbortSignal): Promise<unknown> {
    try {
      if (refused.has(client)) {
        await (client as OwnClient).config.credentials({ forceRefresh: true });
        refused.delete(client);
      }
      return await client.send(command, { abortSignal });
    } catch (error) {
      const failure = awsFailure(error, PROVIDER);
      const isOfLogin = isFailure(failure) && failure.details.field === 'awskms.credentials';
      if (isOfLogin && client !== given) refused.add(client);
      return noneOfDryRun(error);
    }
  }

  return {
    at({ endpoint, region, key = '' }) {
      if (given !== undefined && (endpoint ?? region) !== undefined) {
        throw invalid('the client that was given has its own region and endpoint', 'awskms.client');
      }
      const place = region ?? (key.startsWith('arn:') ? partsOfArn(key).region : usual);
      const url = endpoint === undefined ? own : `https://${endpoint}`;
      return {
        async call(operation, input, options, details) {
          ready(options);
          const about = { ...PROVIDER, ...details, operation };
          return inTime(options, about, async (abortSignal) => {
            const sdk = await loadSdk<Sdk>(SDK, () => import('@aws-sdk/client-kms'));
            ready(options);
            const make = sdk[`${operation}Command`] as Command;
            const sent = send(clientAt(sdk, place, url), new make(input), abortSignal);
            return (await sent) as Output<typeof operation>;
          });
        },
      };
    },
    ready,
    close() {
      close();
      for (const client of clients.values()) client.destroy();
      clients.clear();
    },
  };
}
