/**
 * A TPM behind a stream socket that carries commands and responses as they are, as swtpm's does. The
 * frames of Microsoft's simulator are others.
 *
 * @module
 */
import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, type FailureDetails, isFailure } from '../../../errors.ts';
import { frameMost, responseLength } from '../../../protocols/tpm/command.ts';
import { openFailure, systemCode, unavailable } from '../failures.ts';
import type { Transport } from './transport.ts';

/** Where a socket is. */
export type SocketAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** What arrives, in one buffer: a response is read without a stream between. */
interface Receiver {
  /** The first bytes of the buffer are new. */
  take(count: number): void;
}

/** A Unix socket turns away whoever comes when too many wait already (unix(7), EAGAIN): so long until the next try. */
const AGAIN_MS = 20;

/** Connects; where others are waiting for the same TPM, when it lets us in. */
export async function openSocket(
  address: SocketAddress,
  timeoutMs: number,
  details: FailureDetails,
): Promise<Transport> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await connectOnce(address, Math.max(1, end - performance.now()), details);
    } catch (error) {
      if (systemCode(error) !== 'EAGAIN') throw isFailure(error) ? error : openFailure(error, details);
      if (performance.now() >= end) throw openFailure(error, details);
    }
    await sleep(AGAIN_MS);
  }
}

async function connectOnce(
  address: SocketAddress,
  timeoutMs: number,
  details: FailureDetails,
): Promise<Transport> {
  const buffer = new Uint8Array(frameMost);
  let receiver: Receiver | undefined;
  const callback = (count: number): boolean => {
    receiver?.take(count);
    return true;
  };
  const socket = createConnection({ ...address, noDelay: true, onread: { buffer, callback } });
  await connected(socket, timeoutMs, details);
  return overSocket(socket, buffer, details, (own) => {
    receiver = own;
  });
}

async function connected(socket: Socket, timeoutMs: number, details: FailureDetails): Promise<void> {
  const late = unavailable('the TPM cannot be reached in time', details);
  const timer = setTimeout(() => socket.destroy(late), timeoutMs);
  try {
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  } finally {
    clearTimeout(timer);
  }
}

interface Waiting {
  readonly resolve: (response: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

function overSocket(
  socket: Socket,
  buffer: Uint8Array,
  details: FailureDetails,
  receive: (receiver: Receiver) => void,
): Transport {
  const response = new Uint8Array(frameMost);
  let have = 0;
  let waiting: Waiting | undefined;
  let patience: { readonly timeoutMs: number; readonly timer: NodeJS.Timeout } | undefined;
  let isClosed = false;

  /** Starts to wait. One timer serves all commands: to make one and take it back each time costs more. */
  function beginPatience(timeoutMs: number): void {
    if (patience?.timeoutMs === timeoutMs) {
      patience.timer.refresh();
      return;
    }
    clearTimeout(patience?.timer);
    const timer = setTimeout(() => {
      if (waiting === undefined) return;
      end(unavailable('the TPM does not answer: does another program hold it?', details));
    }, timeoutMs);
    patience = { timeoutMs, timer: timer.unref() };
  }

  function end(reason: Failure): void {
    if (isClosed) return;
    isClosed = true;
    clearTimeout(patience?.timer);
    socket.destroy();
    waiting?.reject(reason);
    waiting = undefined;
  }

  function take(count: number): void {
    if (waiting === undefined || have + count > response.length) throw unexpected(details);
    response.set(buffer.subarray(0, count), have);
    have += count;
    const length = responseLength(response.subarray(0, have));
    if (length === undefined || have < length) return;
    if (have > length) throw unexpected(details);
    const { resolve } = waiting;
    waiting = undefined;
    have = 0;
    socket.unref();
    resolve(response.slice(0, length));
  }

  // Idle, it keeps nobody's process alive.
  socket.unref();
  receive({
    take(count) {
      try {
        take(count);
      } catch (error) {
        end(error as Failure);
      }
    },
  });
  socket.on('error', (error) => end(unavailable('the connection to the TPM broke', details, error)));
  socket.on('close', () => end(unavailable('the connection to the TPM ended', details)));
  socket.on('end', () => end(unavailable('the connection to the TPM ended', details)));

  return {
    isManaged: false,
    get isClosed() {
      return isClosed;
    },
    exchange(command, timeoutMs) {
      if (isClosed) return Promise.reject(unavailable('the connection to the TPM ended', details));
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        beginPatience(timeoutMs);
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

function unexpected(details: FailureDetails): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'a response to no command', { ...details, field: 'tpm.response' });
}
