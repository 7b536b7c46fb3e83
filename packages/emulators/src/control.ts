/**
 * The emulator's own interface over HTTP, for tests in any language: faults, the clock, and which rules were
 * seen to act. Everything under `/emulator`.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import { type Faults, parseFault } from './faults.ts';

/** A route: what it does with the JSON of the request, and what it answers. */
export type ControlRoute = (body: unknown) => unknown;

/** Routes by `METHOD /path`. */
export type ControlRoutes = Readonly<Record<string, ControlRoute>>;

// Larger than all that the services take, so that it is they who refuse.
const LARGEST_BODY = 8 << 20;

/** A body of which nobody has read the end. */
export class BodyTooLarge extends TypeError {}

/** What the routes that every emulator has are about. */
interface Controlled {
  readonly faults: Faults;
  readonly clock: Clock;
  readonly rules: { report(): unknown };
  /** What a client needs to find the service. */
  readonly places: object;
}

/** The routes that every emulator has. */
export function commonRoutes({ faults, clock, rules, places }: Controlled): ControlRoutes {
  return {
    'GET /emulator': () => places,
    'GET /emulator/faults': () => faults.waiting(),
    'POST /emulator/faults': (body) => {
      faults.add(...(Array.isArray(body) ? body : [body]).map(parseFault));
      return faults.waiting();
    },
    'DELETE /emulator/faults': () => {
      faults.clear();
      return [];
    },
    'GET /emulator/clock': () => ({ now: clock.now() }),
    'POST /emulator/clock': (body) => {
      clock.advance(numberOf(body, 'advanceMs'));
      return { now: clock.now() };
    },
    'GET /emulator/rules': rules.report,
  };
}

/** Answers a request that names one of the routes. */
export async function answerControl(
  routes: ControlRoutes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = routes[`${request.method} ${request.url}`];
  if (!route) return sendJson(response, 404, { error: `no route ${request.method} ${request.url}` });
  try {
    const text = (await readBody(request)).toString();
    sendJson(response, 200, route(text === '' ? undefined : JSON.parse(text)) ?? {});
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    sendJson(response, 400, { error: error.message });
  }
}

/** The whole body of a request; one of more than 8 MiB is a `BodyTooLarge`. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LARGEST_BODY) throw new BodyTooLarge('the body is larger than 8 MiB');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Sends JSON with its length, and headers beside. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
    ...headers,
  });
  response.end(bytes);
}

/** A number of an object out of JSON; anything else is a `TypeError`. */
export function numberOf(body: unknown, field: string): number {
  const value = (body as Readonly<Record<string, unknown>> | undefined)?.[field];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError(`${field} is not a number`);
  return value;
}

/** A string of an object out of JSON; anything else is a `TypeError`. */
export function stringOf(body: unknown, field: string): string {
  const value = (body as Readonly<Record<string, unknown>> | undefined)?.[field];
  if (typeof value !== 'string') throw new TypeError(`${field} is not a string`);
  return value;
}
