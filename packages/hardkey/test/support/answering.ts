// Servers that answer every request as a test wants, and how: HTTP that is right, or bytes that are not.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { after } from 'node:test';

/** What a server does with a request, whose body was read. */
export type Answering = (answer: ServerResponse, body: string, request: IncomingMessage) => void;

/** A server that runs until the tests of the file have ended, and counts its requests. */
export interface AnsweringServer {
  readonly url: string;
  requests(): number;
}

/** Starts a server; one that speaks TLS with a certificate. */
export async function answering(
  act: Answering,
  tls?: { readonly key: string; readonly cert: string },
): Promise<AnsweringServer> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const listener = (request: IncomingMessage, answer: ServerResponse): void => {
    requests += 1;
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => act(answer, body, request));
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, requests: () => requests };
}
