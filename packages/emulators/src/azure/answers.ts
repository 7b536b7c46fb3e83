/**
 * Requests over HTTP, to a vault and to the token service, and what is sent.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { readBody } from '../control.ts';
import { sendOutcome } from '../http.ts';
import { AzureRefusal } from './rules.ts';
import type { State } from './state.ts';
import { answerToken, tokenError, tokenOperation } from './token-service.ts';
import { decide, type Outcome } from './vault-service.ts';

const MALFORMED = new AzureRefusal(
  'address of another form',
  'The address of the request, or its host, is none.',
);

/** Answers a request to a vault. The challenge says where tokens are to be had. */
export async function answerVault(
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

/** Answers a request to the token service. */
export async function answerTokens(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = (await readBody(request)).toString();
  const url = URL.parse(request.url ?? '/', `https://${request.headers.host ?? 'localhost'}`);
  if (!url) return sendOutcome(response, { status: 400, body: tokenError(MALFORMED) });
  const path = url.pathname;
  const fault = state.faults.take(tokenOperation(path));
  if (fault?.status !== undefined) {
    const { message = 'asked for', details = [] } = fault;
    const error = { error: 'temporarily_unavailable', error_description: message };
    return send(state, response, {
      status: Number(fault.status),
      body: Object.assign(error, ...details),
      fault,
    });
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
