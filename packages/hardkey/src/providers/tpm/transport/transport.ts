/**
 * What carries commands to a TPM and its responses back.
 *
 * @module
 */
import type { FailureDetails } from '../../../errors.ts';
import { openDevice } from './device.ts';
import { openSocket } from './socket.ts';

/** A connection to one TPM. One command at a time. */
export interface Transport {
  /**
   * Whether the kernel's resource manager is behind it, which keeps our objects apart from those of
   * others and ends them with the connection. Otherwise we are the only owner, by contract.
   */
  readonly isManaged: boolean;
  readonly isClosed: boolean;
  /**
   * Sends one command and gives its response. Rejects with `UNAVAILABLE` when the connection ends or
   * nothing comes in time; then the connection is closed, since the answer may still come.
   */
  exchange(command: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens `tcp:HOST:PORT`, `unix:/path` or the path of a device. Throws `UNAVAILABLE` or `DENIED`. */
export async function openTransport(
  device: string,
  timeoutMs: number,
  details: FailureDetails,
): Promise<Transport> {
  const [, host, port] = /^tcp:(.+):(\d+)$/.exec(device) ?? [];
  if (host !== undefined && port !== undefined) {
    const address = { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
    return openSocket(address, timeoutMs, details);
  }
  if (device.startsWith('unix:')) return openSocket({ path: device.slice(5) }, timeoutMs, details);
  return openDevice(device, details);
}
