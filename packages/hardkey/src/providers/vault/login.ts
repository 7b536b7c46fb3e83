/**
 * How a token is come by: it is given, unwrapped, or got for a role.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { Secret, SecretSource } from '../../core/secret.ts';
import { isJsonObject, isText, type JsonObject } from '../../core/trust/strict-json.ts';
import { fromUtf8 } from '../../encoding/bytes.ts';
import { Failure, isFailure } from '../../errors.ts';
import type { AppRole, Settings } from './config.ts';
import { malformedAnswer } from './failures.ts';
import type { Call } from './wire.ts';

/** A token, and how long it lasts. */
export interface Grant {
  readonly token: string;
  /** Infinity where it has no end, or does not say. */
  readonly lifetimeMs: number;
  readonly renewable: boolean;
}

/** Gets a token, again each time. Throws `DENIED` when the server does not agree. */
export type LogIn = () => Promise<Grant>;

const DETAILS = { operation: 'login' };
/** A token becomes a header line. */
const PRINTABLE = /^[\x21-\x7e]+$/;
/** A login is everybody's: each request takes as long as any, and whoever types a token takes his time. */
const NO_LIMITS: CallOptions = {};

/** The way to log in that the configuration has. */
export function logInBy({ token, wrappedToken, appRole }: Settings, call: Call): LogIn {
  if (appRole !== undefined) return byRole(appRole, call);
  if (wrappedToken !== undefined) return byWrappedToken(wrappedToken, call);
  if (token !== undefined) return byToken(token, call);
  throw new Failure('ARGUMENT_INVALID', 'there are no credentials', { field: 'vault.token' });
}

function byToken(source: SecretSource, call: Call): LogIn {
  return async () => {
    const token = await textOf(source);
    try {
      const data = await call({ method: 'GET', path: 'auth/token/lookup-self', token }, NO_LIMITS, {
        details: DETAILS,
      });
      return grantOf(token, data['ttl'], data['renewable']);
    } catch (error) {
      // A token need not be allowed to look at itself. One that is unknown is told so in other words.
      if (!isFailure(error, 'DENIED') || error.details.field !== 'vault.policy') throw error;
      return { token, lifetimeMs: Number.POSITIVE_INFINITY, renewable: false };
    }
  };
}

function byWrappedToken(source: SecretSource, call: Call): LogIn {
  const open = openedOnce(source, (token) => unwrap(token, call));
  let opened = false;
  return async () => {
    if (opened) {
      throw new Failure('DENIED', 'the token has ended, and what it was wrapped in opens once', {
        ...DETAILS,
        field: 'vault.wrappedToken',
      });
    }
    const answer = await open();
    opened = true;
    return grantIn(answer);
  };
}

function byRole({ roleId, secretId, wrapped = false, mount = 'approle' }: AppRole, call: Call): LogIn {
  async function secretInside(token: string): Promise<string> {
    const data = (await unwrap(token, call))['data'];
    const secret = isJsonObject(data) ? data['secret_id'] : undefined;
    if (isText(secret)) return secret;
    throw malformedAnswer('secret_id', DETAILS);
  }

  const secretText = wrapped ? openedOnce(secretId, secretInside) : () => textOf(secretId);

  return async () => {
    const body = { role_id: roleId, secret_id: await secretText() };
    const path = `auth/${mount.replace(/\/$/, '')}/login`;
    const asking = { details: DETAILS, doing: 'entering' } as const;
    return grantIn(await call({ method: 'POST', path, body, whole: true }, NO_LIMITS, asking));
  };
}

/**
 * What a token of a source opens once, kept for the next login. An attempt that failed is not, and nobody
 * waits for a source that did not answer somebody else.
 */
function openedOnce<T>(source: SecretSource, open: (token: string) => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return async () => {
    if (opened !== undefined) return opened;
    const token = await textOf(source);
    opened ??= open(token).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

function unwrap(token: string, call: Call): Promise<JsonObject> {
  const request = { method: 'POST', path: 'sys/wrapping/unwrap', token, whole: true } as const;
  return call(request, NO_LIMITS, { details: DETAILS, doing: 'unwrapping' });
}

/** Makes a token last longer. */
export async function renew({ token }: Grant, call: Call): Promise<Grant> {
  const request = { method: 'POST', path: 'auth/token/renew-self', token, whole: true } as const;
  return grantIn(await call(request, NO_LIMITS, { details: DETAILS }));
}

/** The `auth` of an answer. */
function grantIn({ auth }: JsonObject): Grant {
  const token = isJsonObject(auth) ? auth['client_token'] : undefined;
  if (!isJsonObject(auth) || !isText(token) || !PRINTABLE.test(token)) throw malformedAnswer('auth', DETAILS);
  return grantOf(token, auth['lease_duration'], auth['renewable']);
}

function grantOf(token: string, seconds: unknown, renewable: unknown): Grant {
  if (typeof seconds !== 'number' || !(seconds >= 0)) throw malformedAnswer('lease', DETAILS);
  const lifetimeMs = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000;
  return { token, lifetimeMs, renewable: renewable === true };
}

/** The text of a secret, as files have it: white space around it does not belong to it. */
async function textOf(source: SecretSource): Promise<string> {
  const secret: Secret = await source();
  const text = secret.use((bytes) => fromUtf8(bytes, 'vault.token')).trim();
  if (PRINTABLE.test(text)) return text;
  throw new Failure('ARGUMENT_INVALID', 'a token is a line of printable characters', {
    field: 'vault.token',
  });
}
