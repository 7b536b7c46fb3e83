/**
 * A TPM behind a stream socket that carries commands and responses as they are, as swtpm's does. The
 * frames of Microsoft's simulator are others.
 *
 * @module
 */
import { connect, type Socket } from 'node:net';
import { concat } from '../../../encoding/bytes.ts';
import { Failure, type FailureDetails } from '../../../errors.ts';
import { responseLength } from '../../../protocols/tpm/command.ts';
import { openFailure, unavailable } from '../failures.ts';
import type { Transport } from './transport.ts';

/** Where a socket is. */
export type SocketAddress = { readonly host: string; readonly port: number } | { readonly path: string };

interface Waiting {
  readonly resolve: (response: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

/** Connects. */
export async function openSocket(
  address: SocketAddress,
  timeoutMs: number,
  details: FailureDetails,
): Promise<Transport> {
  const socket = connect({ ...address, noDelay: true });
  const timer = setTimeout(
    () => socket.destroy(unavailable('the TPM cannot be reached in time', details)),
    timeoutMs,
  );
  try {
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  } catch (error) {
    throw error instanceof Failure ? error : openFailure(error, details);
  } finally {
    clearTimeout(timer);
  }
  return overSocket(socket, details);
}

function overSocket(socket: Socket, details: FailureDetails): Transport {
  let waiting: Waiting | undefined;
  let received: Uint8Array = new Uint8Array();
  let isClosed = false;

  function end(reason: Failure): void {
    if (isClosed) return;
    isClosed = true;
    socket.destroy();
    waiting?.reject(reason);
    waiting = undefined;
  }

  function take(chunk: Uint8Array): void {
    received = received.length === 0 ? chunk : concat(received, chunk);
    const length = responseLength(received);
    if (length === undefined || received.length < length) return;
    if (waiting === undefined || received.length > length) {
      throw new Failure('MALFORMED', 'a response to no command', { ...details, field: 'tpm.response' });
    }
    waiting.resolve(Uint8Array.from(received));
    received = new Uint8Array();
    waiting = undefined;
    socket.unref();
  }

  // Idle, it keeps nobody's process alive.
  socket.unref();
  socket.on('data', (chunk: Uint8Array) => {
    try {
      take(chunk);
    } catch (error) {
      end(error as Failure);
    }
  });
  socket.on('error', (error) => end(unavailable('the connection to the TPM broke', details, error)));
  socket.on('close', () => end(unavailable('the connection to the TPM ended', details)));

  return {
    isManaged: false,
    get isClosed() {
      return isClosed;
    },
    exchange(command, timeoutMs) {
      if (isClosed) return Promise.reject(unavailable('the connection to the TPM ended', details));
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => end(unavailable('the TPM does not answer: does another program hold it?', details)),
          timeoutMs,
        );
        const done =
          <T>(settle: (value: T) => void) =>
          (value: T): void => {
            clearTimeout(timer);
            settle(value);
          };
        waiting = { resolve: done(resolve), reject: done(reject) };
        socket.ref();
        socket.write(command);
      });
    },
    async close() {
      if (isClosed) return;
      const closed = new Promise((resolve) => socket.once('close', resolve));
      end(unavailable('the provider was closed', details));
      await closed;
    },
  };
}
