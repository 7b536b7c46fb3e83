/**
 * A TPM behind a character device: each write is one command, and what is read next is its response.
 *
 * @module
 */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from '../../../encoding/bytes.ts';
import { Failure, type FailureDetails } from '../../../errors.ts';
import { frameMost, responseLength } from '../../../protocols/tpm/command.ts';
import { openFailure, unavailable } from '../failures.ts';
import type { Transport } from './transport.ts';

/** `/dev/tpmrm0` and its like, which the kernel's resource manager is behind. */
const MANAGED = /(^|\/)tpmrm\d*$/;

/** Opens the device. Throws `ARGUMENT_INVALID` for what is none: the first command would be written over a file. */
export async function openDevice(path: string, details: FailureDetails): Promise<Transport> {
  const file = await opened(path, details);
  const stats = await file.stat();
  if (stats.isCharacterDevice()) return overDevice(file, MANAGED.test(path), details);
  await file.close();
  throw new Failure('ARGUMENT_INVALID', 'not a device', { ...details, field: 'tpm.device' });
}

async function opened(path: string, details: FailureDetails): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    throw openFailure(error, details);
  }
}

function overDevice(file: FileHandle, isManaged: boolean, details: FailureDetails): Transport {
  let isClosed = false;
  let running: Promise<unknown> = Promise.resolve();

  async function transfer(command: Uint8Array): Promise<Uint8Array> {
    try {
      await file.write(command);
      return await readResponse(file);
    } catch (error) {
      isClosed = true;
      throw unavailable('the connection to the TPM broke', details, error);
    }
  }

  return {
    isManaged,
    get isClosed() {
      return isClosed;
    },
    async exchange(command, timeoutMs) {
      if (isClosed) throw unavailable('the connection to the TPM ended', details);
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        isClosed = true;
        reject(unavailable('the TPM does not answer', details));
      }, timeoutMs);
      const transferred = transfer(command);
      running = transferred.catch(() => undefined);
      try {
        return await Promise.race([transferred, late]);
      } finally {
        clearTimeout(timer);
        // The descriptor can only be given back when the kernel has let go of it.
        if (isClosed) void running.then(() => file.close()).catch(() => undefined);
      }
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await running;
      await file.close();
    },
  };
}

async function readResponse(file: FileHandle): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(frameMost), 0, frameMost, null);
    if (bytesRead === 0) throw new Error('the device ended');
    parts.push(buffer.subarray(0, bytesRead));
    const response = join(parts);
    const length = responseLength(response);
    if (length !== undefined && response.length >= length) return response;
  }
}
