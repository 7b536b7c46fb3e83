/**
 * The SDK: loaded when it is first needed, and how its clients are made.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { Failure } from '../../errors.ts';
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
  readonly googleAuthLibrary: { readonly PassThroughClient: new () => unknown };
}

/**
 * Makes a client. `projectId` keeps the SDK from asking around for one, and `auth` is that of an earlier
 * client, whose tokens are still good.
 */
export async function makeClient(
  settings: Pick<Settings, 'endpoint' | 'transport'>,
  projectId: string,
  auth: unknown,
): Promise<OwnClient> {
  const sdk = await loadSdk();
  const options = {
    ...(projectId && { projectId }),
    ...(settings.transport === 'rest' ? { fallback: true } : {}),
  };
  return new sdk.KeyManagementServiceClient({ ...options, ...placeOf(settings, auth) });
}

function placeOf({ endpoint, transport }: Pick<Settings, 'endpoint' | 'transport'>, auth: unknown): object {
  const known = auth === undefined ? {} : { auth };
  if (endpoint === undefined) return known;
  const { hostname, port, protocol } = new URL(endpoint);
  if (protocol === 'https:') return { ...known, apiEndpoint: hostname, port: Number(port || 443) };
  // A server of this machine, which is given no credentials: none are looked for, and nobody is asked for them.
  const place = { apiEndpoint: hostname, port: Number(port || 80), universeDomain: 'googleapis.com' };
  const { grpc, GoogleAuth, googleAuthLibrary } = loadGax();
  const nobody = new GoogleAuth({ authClient: new googleAuthLibrary.PassThroughClient() });
  return transport === 'rest'
    ? { ...place, protocol: 'http', auth: nobody }
    : { ...place, auth: nobody, sslCreds: grpc.credentials.createInsecure() };
}

async function loadSdk(): Promise<Sdk> {
  try {
    return (await import('@google-cloud/kms')) as unknown as Sdk;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Failure(
      'UNSUPPORTED',
      'the SDK of Google Cloud KMS is not installed: npm install @google-cloud/kms',
      { provider: 'gcpkms' },
    );
  }
}

/** The copy that the SDK has: keys of one library's credentials fit no other's channels. */
function loadGax(): Gax {
  return createRequire(import.meta.resolve('@google-cloud/kms'))('google-gax') as Gax;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
