/**
 * Azure Key Vault's keys on loopback, with a token service of its own.
 *
 * @module
 */
import { type Certificate, createAuthority } from '../certificate.ts';
import type { Clock } from '../clock.ts';
import { answerControl, type ControlRoutes, commonRoutes } from '../control.ts';
import type { Faults } from '../faults.ts';
import { type HttpServer, type Listener, serveHttp } from '../http.ts';
import { answerTokens, answerVault } from './answers.ts';
import { type Client, parseClient } from './roles.ts';
import { createState, type State } from './state.ts';
import { VAULT_RESOURCE } from './tokens.ts';

/** What `startAzureKeyVault` takes. A port of 0, or none, is one that is free. */
export interface AzureKeyVaultOptions {
  /** The port of the vault, over TLS. */
  readonly port?: number;
  /** The port of the token service, over TLS. */
  readonly tokenPort?: number;
  /** The port of the emulator's own interface, without TLS. */
  readonly httpPort?: number;
  /** The applications that may ask for tokens; one with every permission when not given. */
  readonly clients?: readonly Client[];
}

/** A running emulator of Azure Key Vault. */
export interface AzureKeyVault {
  /** The vault, as `https://localhost:port`. It answers for `{any}.vault.azure.net` as well, a vault for each. */
  readonly vaultUrl: string;
  /** The token service, as `https://localhost:port`: the authority host of a credential. */
  readonly authorityHost: string;
  readonly tenantId: string;
  /** The application that has every permission, unless others were given. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the emulator's own interface listens. */
  readonly url: string;
  /** The certificate of the authority that clients must trust, in PEM. */
  readonly ca: string;
  readonly clock: Clock;
  readonly faults: Faults;
  /** Adds an application, or gives one that is there another secret and other roles. */
  addClient(client: Client): void;
  close(): Promise<void>;
}

const TENANT = '11111111-1111-1111-1111-111111111111';
const OFFICER: Client = {
  id: '22222222-2222-2222-2222-222222222222',
  secret: 'emulated-secret',
  roles: ['Key Vault Crypto Officer'],
};
const HOSTS = ['localhost', '127.0.0.1', '*.vault.azure.net'];

/** Starts an emulator, which holds its keys in memory and listens on 127.0.0.1 alone. */
export async function startAzureKeyVault(options: AzureKeyVaultOptions = {}): Promise<AzureKeyVault> {
  const state = await createState(TENANT, options.clients ?? [OFFICER]);
  const authority = await createAuthority();
  const servers = await listen(state, await authority.issue(HOSTS), options);
  const [first = OFFICER] = state.clients.values();
  return {
    vaultUrl: `https://localhost:${servers.port}`,
    authorityHost: `https://localhost:${servers.tokenPort}`,
    tenantId: TENANT,
    clientId: first.id,
    clientSecret: first.secret,
    url: `http://127.0.0.1:${servers.httpPort}`,
    ca: authority.certificate,
    clock: state.clock,
    faults: state.faults,
    addClient: state.addClient,
    close: servers.close,
  };
}

interface Servers extends Required<Omit<AzureKeyVaultOptions, 'clients'>> {
  close(): Promise<void>;
}

/** Starts the three servers, or none. */
async function listen(state: State, certificate: Certificate, asked: AzureKeyVaultOptions): Promise<Servers> {
  const servers: HttpServer[] = [];
  const start = async (port: number | undefined, tls: boolean, listener: Listener) => {
    const server = await serveHttp({ port: port ?? 0, ...(tls && { certificate }) }, listener);
    servers.push(server);
    return server.port;
  };
  const close = async () => {
    state.closing.abort();
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    const control = routesOf(state);
    const tokenPort = await start(asked.tokenPort, true, (...pair) => answerTokens(state, ...pair));
    const challenge = challengeOf(`https://localhost:${tokenPort}`);
    const port = await start(asked.port, true, (...pair) => answerVault(state, challenge, ...pair));
    const httpPort = await start(asked.httpPort, false, (...pair) => answerControl(control, ...pair));
    return { port, tokenPort, httpPort, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function routesOf({ faults, clock, rules, addClient }: State): ControlRoutes {
  return {
    ...commonRoutes(faults, clock, rules.report),
    'POST /emulator/clients': (body) => addClient(parseClient(body)),
  };
}

function challengeOf(authorityHost: string): string {
  return `Bearer authorization="${authorityHost}/${TENANT}", resource="${VAULT_RESOURCE}"`;
}
