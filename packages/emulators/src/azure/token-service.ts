/**
 * The token service: what a client credential asks of Microsoft Entra.
 *
 * @module
 */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { Client } from './roles.ts';
import { AzureRefusal } from './rules.ts';
import { TOKEN_SECONDS, type Tokens } from './tokens.ts';

/** What the token service knows. */
export interface TokenService {
  readonly tenant: string;
  readonly clients: ReadonlyMap<string, Client>;
  readonly tokens: Tokens;
}

/** A question that has come, with the address that was asked. */
export interface TokenRequest {
  readonly verb: string;
  readonly path: string;
  readonly body: string;
  /** `https://host:port`. */
  readonly origin: string;
}

// What clients may ask for beside the resource (v2 permissions and consent, OpenID Connect scopes). That of Java does.
const OPENID_SCOPES = ['openid', 'profile', 'email', 'offline_access'];

/** What can be asked, for faults. */
export const TOKEN_OPERATIONS = ['discovery', 'token'] as const;

/** The name of what is asked, for faults. */
export function tokenOperation(path: string): (typeof TOKEN_OPERATIONS)[number] {
  return path.endsWith('/token') ? 'token' : 'discovery';
}

/** Answers, or refuses with an `AzureRefusal`. */
export async function answerToken(service: TokenService, request: TokenRequest): Promise<object> {
  const [, tenant = '', ...rest] = request.path.split('/');
  const path = rest.join('/');
  if (tenant === 'common' && path === 'discovery/instance') return instance(request.origin);
  // Microsoft Entra answers for a tenant by any of its names; this one has its id.
  if (tenant.toLowerCase() !== service.tenant.toLowerCase())
    throw new AzureRefusal('tenant unknown', `AADSTS90002: Tenant '${tenant}' not found.`);
  const authority = `${request.origin}/${service.tenant}`;
  if (path === 'v2.0/.well-known/openid-configuration') return configuration(authority);
  if (path === 'discovery/v2.0/keys') return service.tokens.keys;
  if (path === 'oauth2/v2.0/token' && request.verb === 'POST')
    return issue(service, authority, new URLSearchParams(request.body));
  throw new AzureRefusal('no such operation', `${request.verb} ${request.path} is nothing here.`);
}

function configuration(authority: string): object {
  return {
    issuer: `${authority}/v2.0`,
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    response_types_supported: ['code'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

function instance(origin: string): object {
  const { host } = new URL(origin);
  return {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

async function issue(service: TokenService, authority: string, form: URLSearchParams): Promise<object> {
  if (form.get('grant_type') !== 'client_credentials')
    throw new AzureRefusal(
      'grant of another type',
      'AADSTS70003: The app requested an unsupported grant type.',
    );
  const client = authenticate(service, form);
  const audience = audienceOf(form.get('scope') ?? '');
  if (audience === undefined)
    throw new AzureRefusal('scope that is none', 'AADSTS1002012: The provided value for scope is not valid.');
  const token = await service.tokens.issue({ issuer: `${authority}/v2.0`, client: client.id, audience });
  return {
    token_type: 'Bearer',
    expires_in: TOKEN_SECONDS,
    ext_expires_in: TOKEN_SECONDS,
    access_token: token,
  };
}

/** The one resource that a scope is for. */
function audienceOf(scope: string): string | undefined {
  const [only = '', ...more] = scope.split(' ').filter((one) => one !== '' && !OPENID_SCOPES.includes(one));
  return more.length === 0 ? /^(https:\/\/[^/\s]+)\/\.default$/.exec(only)?.[1] : undefined;
}

function authenticate({ clients, tenant }: TokenService, form: URLSearchParams): Client {
  const id = form.get('client_id') ?? '';
  const client = clients.get(id);
  if (!client)
    throw new AzureRefusal(
      'client unknown',
      `AADSTS700016: Application with identifier '${id}' was not found in the directory '${tenant}'.`,
    );
  if (!isSame(form.get('client_secret') ?? '', client.secret))
    throw new AzureRefusal('secret wrong', `AADSTS7000215: Invalid client secret provided for app '${id}'.`);
  return client;
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The body of a refusal of the token service. */
export function tokenError(refusal: AzureRefusal): object {
  const names: Readonly<Record<string, string>> = {
    'tenant unknown': 'invalid_request',
    'client unknown': 'unauthorized_client',
    'secret wrong': 'invalid_client',
    'grant of another type': 'unsupported_grant_type',
    'scope that is none': 'invalid_scope',
  };
  return {
    error: names[refusal.rule] ?? 'invalid_request',
    error_description: refusal.message,
    error_codes: [Number(refusal.code.replace(/\D/g, ''))],
    trace_id: randomUUID(),
    correlation_id: randomUUID(),
  };
}
