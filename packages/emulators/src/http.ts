/**
 * HTTP and HTTPS on loopback.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';
import { BodyTooLarge, sendJson } from './control.ts';
import { disturbed, type Fault } from './faults.ts';

/** A server that listens. */
export interface HttpServer {
  readonly port: number;
  /** Closes it with the connections that are open. */
  close(): Promise<void>;
}

/** Answers one request. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Starts a server on 127.0.0.1; with a certificate over TLS. */
export async function serveHttp(
  { port, certificate }: { readonly port: number; readonly certificate?: Certificate },
  listener: Listener,
): Promise<HttpServer> {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    listener(request, response).catch((error: unknown) => failed(response, error));
  };
  const server = certificate
    ? createTlsServer({ key: certificate.key, cert: certificate.chain }, answer)
    : createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An answer over HTTP before it is sent. */
export interface HttpOutcome {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** What happens to it on the way. Its delay has passed. */
  readonly fault?: Fault | undefined;
}

/** Sends an answer, as its fault would have it. */
export function sendOutcome(response: ServerResponse, outcome: HttpOutcome): void {
  const { status, headers = {}, fault } = outcome;
  if (fault?.reset === true) {
    response.destroy();
    return;
  }
  const json = fault && fault.status === undefined ? disturbed(outcome.body, fault) : outcome.body;
  const bytes = Buffer.from(status === 204 ? '' : (fault?.body ?? JSON.stringify(json)));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...(status !== 204 && { 'content-length': bytes.length }),
    ...headers,
    ...fault?.headers,
  });
  if (fault?.truncate === undefined) response.end(bytes);
  else response.write(bytes.subarray(0, fault.truncate), () => response.destroy());
}

/** A defect of the emulator says so, so that nobody looks for it in the client. */
function failed(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else if (error instanceof BodyTooLarge) sendJson(response, 413, { error: error.message });
  else
    sendJson(response, 500, {
      error: `the emulator failed: ${error instanceof Error ? error.message : String(error)}`,
    });
}
