/**
 * One request to a vault: who asks, whether they may, and what they get.
 *
 * @module
 */
import type { Fault, Faults } from '../faults.ts';
import { OPERATIONS, type VaultOperation } from './operations.ts';
import { type Client, isAllowed } from './roles.ts';
import { AzureRefusal } from './rules.ts';
import type { Vault } from './store.ts';
import type { Tokens } from './tokens.ts';

/** What a vault service knows. */
export interface VaultService {
  readonly clients: ReadonlyMap<string, Client>;
  readonly tokens: Tokens;
  readonly faults: Faults;
  /** The vault of a host name, without its port. */
  vaultOf(hostName: string): Vault;
}

/** A question that has come. */
export interface Question {
  readonly verb: string;
  readonly url: string;
  readonly host: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** An answer before it is sent, with the fault that happens to it. */
export interface Outcome {
  readonly status: number;
  readonly body: object;
  readonly fault: Fault | undefined;
}

/** Decides about a question, or refuses with an `AzureRefusal`. A fault with a status stands for the operation. */
export async function decide(service: VaultService, question: Question): Promise<Outcome> {
  const client = await authenticate(service, question.authorization);
  const url = addressOf(question.url);
  const path = pathOf(url);
  const operation = operationOf(question.verb, path);
  const fault = service.faults.take(operation.name);
  if (fault?.status !== undefined) return { status: Number(fault.status), body: errorOf(fault), fault };
  checkVersion(url.searchParams);
  authorize(client, operation, path);
  const { name = '', version = '' } = operation.path.exec(path)?.groups ?? {};
  const vault = service.vaultOf(question.host.replace(/:\d+$/, '').toLowerCase());
  const { host, body } = question;
  const answer = await operation.run({ vault, host, name, version, query: url.searchParams, body });
  return { status: operation.status ?? 200, body: answer, fault };
}

function addressOf(text: string): URL {
  const url = URL.parse(text, 'https://vault.invalid');
  if (url) return url;
  throw new AzureRefusal('address of another form', `The request URI is malformed: ${text}`);
}

function pathOf({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname)
      .replace(/\/{2,}/g, '/')
      .replace(/(.)\/$/, '$1');
  } catch {
    // The one thing that decoding has to say.
    throw new AzureRefusal('address of another form', `The request URI is malformed: ${pathname}`);
  }
}

async function authenticate(
  { clients, tokens }: VaultService,
  authorization: string | undefined,
): Promise<Client> {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined)
    throw new AzureRefusal('token missing', 'AKV10000: Request is missing a Bearer or PoP token.');
  const client = clients.get(await tokens.check(token));
  if (client) return client;
  throw new AzureRefusal('token that is none', 'Error validating token: its client is unknown.');
}

function operationOf(verb: string, path: string): VaultOperation {
  const found = OPERATIONS.find((one) => one.verb === verb && one.path.test(path));
  if (found) return found;
  throw new AzureRefusal('no such operation', `${verb} ${path} is no operation of this emulator.`);
}

function checkVersion(query: URLSearchParams): void {
  const version = query.get('api-version') ?? '';
  if (/^(7\.\d|20\d\d-\d\d-\d\d)(-preview[.\d]*)?$/.test(version)) return;
  throw new AzureRefusal('version of the API', `The specified version (${version}) is not recognized.`);
}

function authorize(client: Client, { action }: VaultOperation, path: string): void {
  if (isAllowed(client, action)) return;
  throw new AzureRefusal(
    'role missing',
    'Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role ' +
      `definitions were changed recently, please observe propagation time.\r\nCaller: appid=${client.id}\r\n` +
      `Action: 'Microsoft.KeyVault/vaults/${action}'\r\nResource: '${path}'\r\nAssignment: (not found)`,
  );
}

// What the service calls an error of each status, where a fault does not say.
const CODES: Readonly<Record<number, string>> = {
  400: 'BadParameter',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'KeyNotFound',
  409: 'Conflict',
  429: 'Throttled',
  503: 'ServiceUnavailable',
};

function errorOf({ status, message = 'a fault that was asked for', details = [] }: Fault): object {
  const code = CODES[Number(status)] ?? 'InternalServerError';
  return { error: Object.assign({ code, message }, ...details) as object };
}
