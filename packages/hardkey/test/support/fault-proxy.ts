// A server in front of another one: counts what goes through, and answers wrongly, late or never on request.
import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Outage } from 'hardkey/conformance';

/** What is answered instead, once for each. */
export interface Fault {
  /** Only to requests whose path it fits. */
  readonly path?: RegExp;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The connection breaks after so many bytes of the body. */
  readonly breaksAt?: number;
  /** Takes the request and never answers. */
  readonly silent?: true;
  /** What the other server said, changed. */
  readonly change?: (body: string) => string;
}

/** A request as it came. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The server in front. */
export interface FaultProxy {
  readonly address: string;
  /** Everything that was asked since the start. */
  readonly seen: readonly Seen[];
  /** Answers the next requests so, in this order. */
  fail(...faults: readonly Fault[]): void;
  readonly outage: Outage;
  readonly stall: Outage;
}

/** Starts one that ends with the test. */
export async function faultProxy(
  t: { after(end: () => void | Promise<void>): void },
  target: string,
): Promise<FaultProxy> {
  const seen: Seen[] = [];
  const faults: Fault[] = [];
  const held = new Set<ServerResponse>();
  let stalled = false;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    seen.push({ method, path: url, headers, body });
    const at = faults.findIndex(({ path }) => path?.test(url) ?? true);
    const [fault] = at === -1 ? [] : faults.splice(at, 1);
    if (stalled || fault?.silent === true) held.add(response);
    else if (fault === undefined || fault.change !== undefined)
      pass({ method, path: url, headers, body }, response, fault);
    else misanswer(fault, response);
  }

  function pass({ method, path, headers, body }: Seen, response: ServerResponse, fault?: Fault): void {
    const { host: _host, ...others } = headers;
    const through = forward(target + path, { method, headers: others }, async (inner) => {
      const parts: Buffer[] = [];
      for await (const part of inner) parts.push(part as Buffer);
      const text = Buffer.concat(parts).toString();
      const { 'content-length': _, 'transfer-encoding': __, ...rest } = inner.headers;
      response.writeHead(inner.statusCode ?? 502, rest);
      response.end(fault?.change?.(text) ?? text);
    });
    through.on('error', () => response.destroy());
    response.on('close', () => through.destroy());
    through.end(body);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  t.after(async () => {
    if (server.listening) await close();
  });
  return {
    address: `http://127.0.0.1:${port}`,
    seen,
    fail: (...more) => void faults.push(...more),
    outage: {
      begin: close,
      async end() {
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
      },
    },
    stall: {
      begin() {
        stalled = true;
      },
      end() {
        stalled = false;
        for (const response of held) response.destroy();
        held.clear();
      },
    },
  };
}

function misanswer(
  { status = 200, headers = {}, body = '', breaksAt }: Fault,
  response: ServerResponse,
): void {
  if (breaksAt === undefined) {
    response.writeHead(status, headers);
    response.end(body);
    return;
  }
  response.writeHead(status, { ...headers, 'content-length': String(body.length) });
  response.write(body.slice(0, breaksAt), () => response.destroy());
}
