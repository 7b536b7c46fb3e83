/**
 * Azure Key Vault's keys on loopback, with a token service of its own.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createAuthority } from '../certificate.ts';
import { type Clock, createClock } from '../clock.ts';
import { answerControl, type ControlRoutes, commonRoutes, readBody } from '../control.ts';
import { createFaults, type Faults } from '../faults.ts';
import { type HttpServer, sendOutcome, serveHttp } from '../http.ts';
import { createRuleBook } from '../rules.ts';
import { type Client, parseClient } from './roles.ts';
import { AZURE_RULES, AzureRefusal } from './rules.ts';
import { createVault, type Vault } from './store.ts';
import { answerToken, tokenError, tokenOperation } from './token-service.ts';
import { createTokens, VAULT_RESOURCE } from './tokens.ts';
import { decide, type Outcome } from './vault-service.ts';

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
  const state = await createState(options.clients ?? [OFFICER]);
  const authority = await createAuthority();
  const certificate = await authority.issue(HOSTS);
  const servers: HttpServer[] = [];
  const close = async () => {
    state.closing.abort();
    await Promise.all(servers.map((server) => server.close()));
  };
  const start = async (port: number | undefined, tls: boolean, answer: Parameters<typeof serveHttp>[1]) => {
    const server = await serveHttp({ port: port ?? 0, ...(tls && { certificate }) }, answer);
    servers.push(server);
    return server.port;
  };
  try {
    const control = routesOf(state);
    const tokenPort = await start(options.tokenPort, true, (...pair) => answerTokens(state, ...pair));
    const challenge = challengeOf(`https://localhost:${tokenPort}`);
    const port = await start(options.port, true, (...pair) => answerVault(state, challenge, ...pair));
    const http = await start(options.httpPort, false, (...pair) => answerControl(control, ...pair));
    const [first = OFFICER] = state.clients.values();
    return {
      vaultUrl: `https://localhost:${port}`,
      authorityHost: `https://localhost:${tokenPort}`,
      tenantId: TENANT,
      clientId: first.id,
      clientSecret: first.secret,
      url: `http://127.0.0.1:${http}`,
      ca: authority.certificate,
      clock: state.clock,
      faults: state.faults,
      addClient: state.addClient,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type State = Awaited<ReturnType<typeof createState>>;

async function createState(given: readonly Client[]) {
  const clock = createClock();
  const clients = new Map<string, Client>();
  const addClient = (client: Client): void => {
    clients.set(client.id, parseClient(client));
  };
  given.forEach(addClient);
  return {
    clock,
    clients,
    addClient,
    tenant: TENANT,
    closing: new AbortController(),
    tokens: await createTokens(clock),
    faults: createFaults(),
    rules: createRuleBook(AZURE_RULES),
    vaultOf: vaultsOf(clock),
  };
}

/** A vault for each name that is asked; all names of loopback are one. */
function vaultsOf(clock: Clock): (hostName: string) => Vault {
  const vaults = new Map<string, Vault>();
  return (hostName) => {
    const name = hostName.endsWith('.vault.azure.net') ? hostName : 'localhost';
    const vault = vaults.get(name) ?? createVault(clock);
    vaults.set(name, vault);
    return vault;
  };
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

async function answerVault(
  state: State,
  challenge: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method: verb = '', url = '/', headers } = request;
  const { host = '', authorization } = headers;
  const body = (await readBody(request)).toString();
  const outcome = await noted(state, () => decide(state, { verb, url, host, authorization, body }));
  if (outcome instanceof AzureRefusal) {
    const asked = outcome.status === 401 ? { 'www-authenticate': challenge } : {};
    return sendOutcome(response, { status: outcome.status, body: outcome.toJSON(), headers: asked });
  }
  await send(state, response, outcome);
}

async function answerTokens(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', `https://${request.headers.host ?? 'localhost'}`);
  const path = url.pathname;
  const body = (await readBody(request)).toString();
  const fault = state.faults.take(tokenOperation(path));
  if (fault?.status !== undefined) {
    const error = { error: 'temporarily_unavailable', error_description: fault.message ?? 'asked for' };
    return send(state, response, { status: Number(fault.status), body: error, fault });
  }
  const asked = { verb: request.method ?? '', path, body, origin: url.origin };
  const outcome = await noted(state, () => answerToken(state, asked));
  if (outcome instanceof AzureRefusal)
    return sendOutcome(response, { status: outcome.status, body: tokenError(outcome) });
  await send(state, response, { status: 200, body: outcome, fault });
}

/** The outcome, or the refusal, whose rule is noted then. */
async function noted<T>({ rules }: State, run: () => Promise<T>): Promise<T | AzureRefusal> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof AzureRefusal)) throw error;
    rules.note(error.rule);
    return error;
  }
}

async function send({ closing }: State, response: ServerResponse, outcome: Outcome): Promise<void> {
  const { fault } = outcome;
  if (fault?.delayMs) await wait(fault.delayMs, undefined, { signal: closing.signal });
  // A service that says that it is asked too often says when to ask again.
  const headers: Readonly<Record<string, string>> = outcome.status === 429 ? { 'retry-after': '1' } : {};
  sendOutcome(response, { ...outcome, headers });
}
