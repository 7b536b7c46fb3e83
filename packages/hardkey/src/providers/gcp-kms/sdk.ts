/**
 * The SDK: loaded when it is first needed, and how its clients are made.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { loadSdk } from '../../core/load-sdk.ts';
import type { KmsClient } from './client.ts';
import type { Settings } from './config.ts';

/** A client that was made here. */
export interface OwnClient extends KmsClient {
  initialize(): Promise<unknown>;
  close(): Promise<void>;
  /** Who gets tokens, and keeps them. */
  readonly auth: unknown;
}

interface Sdk {
  readonly KeyManagementServiceClient: new (options: object) => OwnClient;
}

/** The slice of the library under the SDK that a server without TLS takes. */
interface Gax {
  readonly grpc: { readonly credentials: { createInsecure(): unknown } };
  readonly GoogleAuth: new (options: object) => unknown;
  readonly googleAuthLibrary: {
    readonly PassThroughClient: new (options: object) => unknown;
    readonly gcpMetadata?: { resetIsAvailableCache?(): void };
  };
}

/** What ends a call is the watch of its client, which says why. The SDK's own limits come after it. */
export const GRACE_MS = 1_000;

const SDK = { provider: 'gcpkms', service: 'Google Cloud KMS', packages: '@google-cloud/kms' } as const;

/**
 * Makes a client. `projectId` keeps the SDK from asking around for one, and `auth` is that of an earlier
 * client, whose tokens are still good.
 */
export async function makeClient(
  settings: Pick<Settings, 'endpoint' | 'transport' | 'timeoutMs'>,
  projectId: string,
  auth: unknown,
): Promise<OwnClient> {
  const sdk = await loadSdk<Sdk>(SDK, () => import('@google-cloud/kms'));
  const options = {
    ...(projectId && { projectId }),
    ...(settings.transport === 'rest' ? { fallback: true } : {}),
  };
  return new sdk.KeyManagementServiceClient({ ...options, ...placeOf(settings, auth) });
}

/** Lets the next login look for the metadata service: the SDK keeps for the life of the process that it found none. */
export function forgetLookups(): void {
  loadGax().googleAuthLibrary.gcpMetadata?.resetIsAvailableCache?.();
}

function placeOf(
  { endpoint, transport, timeoutMs }: Pick<Settings, 'endpoint' | 'transport' | 'timeoutMs'>,
  auth: unknown,
): object {
  // A redirection would take credentials and data along, to whatever host it names. And all calls wait for one
  // login, which has no end of its own.
  const clientOptions = { transporterOptions: { redirect: 'error', timeout: timeoutMs + GRACE_MS } };
  const known = auth === undefined ? { clientOptions } : { auth };
  if (endpoint === undefined) return known;
  const { hostname, port, protocol } = new URL(endpoint);
  if (protocol === 'https:') return { ...known, apiEndpoint: hostname, port: Number(port || 443) };
  // A server of this machine, which is given no credentials: none are looked for, and nobody is asked for them.
  const place = { apiEndpoint: hostname, port: Number(port || 80), universeDomain: 'googleapis.com' };
  const { grpc, GoogleAuth, googleAuthLibrary } = loadGax();
  const nobody = new GoogleAuth({ authClient: new googleAuthLibrary.PassThroughClient(clientOptions) });
  return transport === 'rest'
    ? { ...place, protocol: 'http', auth: nobody }
    : { ...place, auth: nobody, sslCreds: grpc.credentials.createInsecure() };
}

/** The copy that the SDK has: keys of one library's credentials fit no other's channels. */
function loadGax(): Gax {
  return createRequire(import.meta.resolve('@google-cloud/kms'))('google-gax') as Gax;
}
