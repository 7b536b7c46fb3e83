// A door before an HTTP server: it counts what goes through, holds answers back, and can be shut.
import * as http from 'node:http';
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** An open door. */
export interface HttpDoor {
  readonly url: string;
  /** Requests that came so far. */
  requests(): number;
  /** Nobody listens until the door is opened again at the same port. */
  shut(): Promise<void>;
  open(): Promise<void>;
  /** Requests are taken, and not answered, until they may go on. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** How a door speaks TLS, on both of its sides. */
export interface DoorTls {
  readonly key: string;
  readonly cert: string;
  /** Who is trusted to be the server. */
  readonly ca: string;
}

/** Opens a door to a server. */
export async function httpDoor(target: string, tls?: DoorTls): Promise<HttpDoor> {
  const { hostname, port: targetPort } = new URL(target);
  // A server of this process would show the connections that stay among the handles of the tests.
  const agent = tls === undefined ? new Agent({ keepAlive: true }) : new https.Agent({ ca: tls.ca });
  const { request } = tls === undefined ? http : https;
  const sockets = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let requests = 0;
  let held = false;
  let port = 0;

  function forward(given: IncomingMessage, answer: ServerResponse): void {
    const { method, url, headers } = given;
    const passed = request({ agent, hostname, port: targetPort, method, path: url, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    given.pipe(passed);
  }

  const take = (given: IncomingMessage, answer: ServerResponse): void => {
    requests += 1;
    answer.on('error', () => undefined);
    if (held) waiting.push(() => forward(given, answer));
    else forward(given, answer);
  };
  const server = tls === undefined ? createServer(take) : https.createServer(tls, take);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        ({ port } = server.address() as AddressInfo);
        resolve();
      });
    });
  const shut = async (): Promise<void> => {
    const ended = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await ended;
  };
  await open();

  return {
    url: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    requests: () => requests,
    shut,
    open,
    hold() {
      held = true;
    },
    release() {
      held = false;
      for (const go of waiting.splice(0)) go();
    },
    async close() {
      agent.destroy();
      await shut();
    },
  };
}
