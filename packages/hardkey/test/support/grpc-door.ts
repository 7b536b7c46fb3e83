// A door before a gRPC server: it counts the calls that go through, holds answers back, and can be shut.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Outage } from 'hardkey/conformance';

/** An open door. */
export interface GrpcDoor {
  readonly port: number;
  /** Calls that came so far. */
  requests(): number;
  readonly outage: Outage;
  readonly stall: Outage;
  close(): Promise<void>;
}

/** Opens a door to a server of this machine that speaks HTTP/2 without TLS. */
export async function grpcDoor(target: number): Promise<GrpcDoor> {
  const sockets = new Set<Socket>();
  const held = new Set<Socket>();
  let requests = 0;
  let isHeld = false;

  function join(outside: Socket): void {
    const inside = connect(target, '127.0.0.1');
    const count = headersIn(() => {
      requests += 1;
    });
    outside.on('data', (bytes: Buffer) => {
      count(bytes);
      inside.write(bytes);
    });
    inside.on('data', (bytes: Buffer) => {
      outside.write(bytes);
    });
    for (const [socket, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        held.delete(socket);
        other.destroy();
      });
    }
    held.add(inside);
    if (isHeld) inside.pause();
  }

  const server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const shut = async (): Promise<void> => {
    const ended = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await ended;
  };
  return {
    port,
    requests: () => requests,
    outage: {
      begin: shut,
      async end() {
        await once(server.listen(port, '127.0.0.1'), 'listening');
      },
    },
    stall: {
      begin() {
        isHeld = true;
        for (const inside of held) inside.pause();
      },
      end() {
        isHeld = false;
        for (const inside of held) inside.resume();
      },
    },
    close: shut,
  };
}

const PREFACE = 24;
const FRAME_HEAD = 9;
const HEADERS = 1;

/** Reads what a client sends, and says when a call begins: RFC 9113 §4.1 and §6.2. */
function headersIn(seen: () => void): (bytes: Buffer) => void {
  let left: Buffer = Buffer.alloc(0);
  let skip = PREFACE;
  return (bytes) => {
    left = Buffer.concat([left, bytes]);
    for (;;) {
      if (left.length < skip) return;
      left = left.subarray(skip);
      skip = 0;
      if (left.length < FRAME_HEAD) return;
      if (left[3] === HEADERS) seen();
      skip = FRAME_HEAD + left.readUIntBE(0, 3);
    }
  };
}
