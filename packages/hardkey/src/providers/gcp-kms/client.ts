/**
 * The calls to Cloud KMS, through the SDK's client.
 *
 * @module
 */
import { callsUnderWay } from '../../core/calls-under-way.ts';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import type { MethodName, Methods, Request, Response } from './calls.ts';
import type { Settings } from './config.ts';
import { connectionOf } from './connection.ts';
import { gcpFailure, isDisconnected } from './failures.ts';
import { GRACE_MS } from './sdk.ts';

/** What the SDK takes beside the request. */
export interface KmsCallOptions {
  /** None of the SDK's own: repeating is decided where the deadline is known. */
  readonly retry: null;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Lists a page at a time. */
  readonly autoPaginate?: boolean;
}

interface Callable<M extends MethodName> {
  call(
    request: Request<M>,
    options: KmsCallOptions,
  ): Promise<readonly [answer: Response<M>, ...rest: unknown[]]>;
}

/** As a method, whose parameters may be narrower: the SDK names the values of its enums. */
type Call<M extends MethodName> = Callable<M>['call'];

/** The methods of the SDK's `KeyManagementServiceClient` that are called. One that is absent is not offered. */
export type KmsClient = { readonly [M in keyof Methods]?: Call<M> } & {
  /** Logs in. Awaited before every call, so that a login that fails is a failure of the call. */
  initialize?(): Promise<unknown>;
};

/** The service. */
export interface Service {
  /** Calls a method. Throws what {@link gcpFailure} says, and in time. */
  call<M extends MethodName>(
    method: M,
    request: Request<M>,
    options: CallOptions,
    details: FailureDetails,
  ): Promise<Response<M>>;
  /** All pages of a list. */
  listAll<M extends 'listCryptoKeys' | 'listCryptoKeyVersions'>(
    method: M,
    parent: string,
    options: CallOptions,
    details: FailureDetails,
  ): Promise<Response<M>>;
  /** Throws when the provider was closed, or the call is over. */
  ready(options?: CallOptions): void;
  /** Ends every call with `UNAVAILABLE`. */
  close(): void;
}

const PROVIDER: FailureDetails = { provider: 'gcpkms' };
const PAGE_SIZE = 100;

/** The service as the configuration says. Nothing is loaded before the first call. */
export function serviceOf(settings: Settings): Service {
  const connection = connectionOf(settings);
  const { ready, inTime, close } = callsUnderWay(PROVIDER, settings.timeoutMs, gcpFailure);

  /** The whole answer of a method, which for lists says where the next page begins. */
  function whole<M extends MethodName>(
    method: M,
    request: Request<M>,
    options: CallOptions,
    details: FailureDetails,
  ): ReturnType<Call<M>> {
    ready(options);
    const about = { ...PROVIDER, ...details, operation: method };
    return inTime(options, about, async (signal) => {
      const client = await connection.client(projectOf(request), about);
      if (signal.aborted) throw signal.reason;
      if (client[method] === undefined) throw notOffered(about);
      const timeout = settings.timeoutMs + GRACE_MS;
      const given = { retry: null, timeout, signal, autoPaginate: false };
      try {
        return await (client as Readonly<Record<M, Call<M>>>)[method](request, given);
      } catch (error) {
        if (isDisconnected(error)) connection.forget(client, 'connection');
        const failure = gcpFailure(error, about);
        if (isFailure(failure) && failure.details.field === 'gcpkms.credentials') {
          connection.forget(client, 'login');
        }
        throw failure;
      }
    }) as ReturnType<Call<M>>;
  }

  return {
    async call(method, request, options, details) {
      const [answer] = await whole(method, request, options, details);
      return answer;
    },
    async listAll(method, parent, options, details) {
      const found: unknown[] = [];
      let pageToken = '';
      do {
        const page = { parent, pageSize: PAGE_SIZE, ...(pageToken && { pageToken }) };
        const [items, , raw] = await whole(method, page, options, details);
        found.push(...items);
        const next = (raw as { readonly nextPageToken?: string | null } | null | undefined)?.nextPageToken;
        // A page that leads to itself would never end.
        pageToken = next && next !== pageToken ? next : '';
      } while (pageToken !== '');
      return found as unknown as Response<typeof method>;
    },
    ready,
    close() {
      close();
      connection.close();
    },
  };
}

/** Every request names something of a project. */
function projectOf(request: object): string {
  const [name = ''] = Object.values(request).filter((value) => typeof value === 'string');
  return /^projects\/([^/]+)\//.exec(name)?.[1] ?? '';
}

function notOffered(details: FailureDetails): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', 'the client that was given has no such method', details);
}
