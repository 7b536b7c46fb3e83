/**
 * One call of the server's interface: JSON there and back, and failures of ours.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import { isJsonObject, isList, type JsonObject } from '../../core/trust/strict-json.ts';
import { Failure } from '../../errors.ts';
import { type Asked, answerFailure, malformedAnswer, unavailable } from './failures.ts';
import type { HttpAnswer, HttpRequest, HttpServer } from './http.ts';

/** What is asked for. */
export interface Request {
  readonly method: HttpRequest['method'];
  /** Below `/v1/`. */
  readonly path: string;
  readonly body?: JsonObject;
  /** The whole answer is wanted, not its `data` alone. */
  readonly whole?: true;
  /** It must not happen twice: no second attempt, also where the connection was lost. */
  readonly once?: true;
}

/** What failures are about, and how an answer is read. */
export interface Asking extends Asked {
  /** Also an answer that reports failures says what happened, item by item. */
  readonly batch?: boolean;
}

/** Asks with a token, or without where there is none yet. */
export type Call = (
  request: Request & { readonly token?: string },
  options: CallOptions,
  asking: Asking,
) => Promise<JsonObject>;

/** The headers that Vault's own clients send, so that no form in a browser can take their place. */
const HEADERS = { 'x-vault-request': 'true', accept: 'application/json' };

/** Asks one server, in one namespace. */
export function caller(http: HttpServer, namespace: string | undefined): Call {
  const fixed = namespace === undefined ? HEADERS : { ...HEADERS, 'x-vault-namespace': namespace };
  return async ({ method, path, body, token, whole, once }, options, asking) => {
    const headers = token === undefined ? fixed : { ...fixed, 'x-vault-token': token };
    const answer = await http.ask(
      {
        method,
        path: `/v1/${path}`,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(once === undefined ? {} : { once }),
      },
      options,
      asking.details,
    );
    const read = readAnswer(answer, asking);
    if (whole === true) return read;
    return isJsonObject(read['data']) ? read['data'] : {};
  };
}

function readAnswer(answer: HttpAnswer, asking: Asking): JsonObject {
  const { status, body } = answer;
  if (status === 204) return {};
  const isGood = status >= 200 && status < 300;
  // Transit reports a batch of which everything failed as 400, with the results.
  const isResults = asking.batch === true && status === 400 && body.includes('"batch_results"');
  if (!isGood && !isResults) throw answerFailure(answer, asking);
  const value = parsed(body);
  if (value === undefined) throw unavailable('what answers is not Vault', asking.details);
  if (!isJsonObject(value)) throw malformedAnswer('answer', asking.details);
  checkWarnings(value, asking);
  return value;
}

/** A server that does not know a parameter says so and goes on without it, be it the associated data. */
function checkWarnings({ warnings }: JsonObject, { details }: Asking): void {
  const ignored = isList(warnings) && warnings.some((one) => /ignored|replaced/i.test(String(one)));
  if (!ignored) return;
  throw new Failure('UNSUPPORTED', 'the server is too old: it leaves out a part of what is asked', details);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
