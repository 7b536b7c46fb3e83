/**
 * One request and its answer, over connections that stay open.
 *
 * `node:http` rather than `fetch`: it takes certificates of our own, it follows no redirect, which a token
 * would go along with, and it costs half as much for a call.
 *
 * @module
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { closed } from '../../core/calls-under-way.ts';
import { checkLimits, watchLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { type FailureDetails, isFailure } from '../../errors.ts';
import { brokenAnswer, networkFailure, tooLarge } from './failures.ts';

/** What is sent. */
export interface HttpRequest {
  readonly method: 'DELETE' | 'GET' | 'LIST' | 'POST';
  /** From the root of the server, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
  /** It is not sent again when the connection is lost. */
  readonly once?: true;
}

/** What came back, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that is asked. */
export interface HttpServer {
  /** Throws `UNAVAILABLE` when no whole answer comes, and `MALFORMED` for one that is too large. */
  ask(request: HttpRequest, options: CallOptions, details: FailureDetails): Promise<HttpAnswer>;
  /** Closes every connection: what waits for an answer fails. */
  close(): void;
}

/** Where the server is, and how it is spoken to. */
export interface HttpSettings {
  readonly url: URL;
  readonly ca?: string;
  readonly timeoutMs: number;
}

/** The largest answer, beside twice what was sent: an engine gives back what it got, and more. */
const ANSWER_LIMIT = 4 * 1024 * 1024;
/** Connections that wait for a request. More may be at work. */
const IDLE_CONNECTIONS = 64;

/** Speaks to one server. */
export function httpServer({ url, ca, timeoutMs }: HttpSettings): HttpServer {
  const secure = url.protocol === 'https:';
  const keep = { keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS, scheduling: 'lifo' } as const;
  // An import of `node:http` would load all of `fetch` as well, because it exports parts of that by their names.
  const { Agent, request: begin } = secure
    ? process.getBuiltinModule('node:https')
    : process.getBuiltinModule('node:http');
  const agent = new Agent({
    ...keep,
    ...(secure && { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) }),
  });
  const base = {
    agent,
    // A URL has the brackets of an IPv6 address, and a socket does not.
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
  };
  const prefix = url.pathname.replace(/\/+$/, '');
  let isClosed = false;

  function send(
    { method, path, headers, body = '' }: HttpRequest,
    options: CallOptions,
    details: FailureDetails,
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      // A call may have ended, and everything closed, while its token was come by.
      if (isClosed) throw closed(details);
      checkLimits(options, details);
      const length = Buffer.byteLength(body);
      const request = begin({
        ...base,
        method,
        path: prefix + path,
        headers: { ...headers, ...(length === 0 ? {} : { 'content-length': length }) },
      });
      const fail = (reason: unknown): void => {
        stop();
        reject(reason);
        request.destroy();
      };
      request.on('error', (error) => fail(networkFailure(error, details, request.reusedSocket)));
      request.on('response', (response) => {
        receive(response, ANSWER_LIMIT + 2 * length, details).then((answer) => {
          stop();
          resolve(answer);
        }, fail);
      });
      const stop = watchLimits(options, timeoutMs, details, fail);
      request.end(body);
    });
  }

  return {
    async ask(request, options, details) {
      try {
        return await send(request, options, details);
      } catch (error) {
        // Its connection was closed here, as an idle one is by the server: it is not sent again.
        if (isClosed && isFailure(error, 'UNAVAILABLE')) throw closed(details);
        // The server had most likely closed a connection that was idle before it saw the request.
        const lost = isFailure(error, 'UNAVAILABLE') && error.details.field === 'connection';
        if (!lost || request.once === true) throw error;
        return await send(request, options, details);
      }
    },
    close() {
      isClosed = true;
      agent.destroy();
    },
  };
}

function receive(response: IncomingMessage, limit: number, details: FailureDetails): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    response.on('data', (part: Buffer) => {
      length += part.length;
      if (length > limit) reject(tooLarge(details));
      else parts.push(part);
    });
    response.on('end', () => {
      const { statusCode = 0, headers } = response;
      resolve({ status: statusCode, headers, body: Buffer.concat(parts).toString('utf8') });
    });
    response.on('error', (error) => reject(brokenAnswer(details, error)));
    response.on('close', () => {
      if (!response.complete) reject(brokenAnswer(details));
    });
  });
}
