/**
 * HTTP and HTTPS on loopback.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';
import { sendJson } from './control.ts';

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

/** A defect of the emulator says so, so that nobody looks for it in the client. */
function failed(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else
    sendJson(response, 500, {
      error: `the emulator failed: ${error instanceof Error ? error.message : String(error)}`,
    });
}
