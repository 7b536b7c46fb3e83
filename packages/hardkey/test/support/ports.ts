// Ports for servers that must be told theirs.
import { createServer } from 'node:net';

/** The first of two ports that nobody has. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const port = await listenOnce(0);
    if (port < 65_535 && (await listenOnce(port + 1)) !== 0) return port;
  }
}

/** Listens and stops; the port that it was, or zero where that one was taken. */
function listenOnce(port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(0));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
