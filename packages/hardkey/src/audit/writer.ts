/**
 * Writes to the end of a file, durably or not at all.
 *
 * @module
 */
import { fdatasync, fstatSync, ftruncate, stat, write } from 'node:fs';
import { promisify } from 'node:util';
import { Failure } from '../errors.ts';

/** Appends whole pieces. */
export interface LogWriter {
  /**
   * Returns when the bytes are durable. A write that fails half-way is taken back. When that is not
   * possible, when the system could not make the bytes durable, or when somebody else touched the file,
   * this and every later call rejects: nobody knows what is in the file until it is opened again.
   */
  write(bytes: Uint8Array): Promise<void>;
}

const writeTo = promisify(write);
const sync = promisify(fdatasync);
const truncate = promisify(ftruncate);
const statusOf = promisify(stat);

/** Appends to an open file that has `size` bytes. */
export function logWriter(descriptor: number, path: string, size: number): LogWriter {
  const { dev, ino } = fstatSync(descriptor);
  let end = size;
  let lost: unknown;

  /** A log that was moved away, replaced, cut or written by another is not the one that was verified. */
  async function checkUntouched(): Promise<void> {
    const status = await statusOf(path);
    if (status.dev === dev && status.ino === ino && status.size === end) return;
    throw new Failure('UNAVAILABLE', 'the log was changed by somebody else', { path });
  }

  async function writeAll(bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await writeTo(descriptor, bytes, done, bytes.length - done, null);
      done += bytesWritten;
    }
  }

  async function writeOrTakeBack(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(bytes);
    } catch (error) {
      await orLose(() => truncate(descriptor, end));
      throw error;
    }
  }

  async function orLose(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      lost = error;
      throw error;
    }
  }

  return {
    async write(bytes) {
      if (lost !== undefined) throw lost;
      await orLose(checkUntouched);
      await writeOrTakeBack(bytes);
      // After a failed sync the system may have dropped the pages: trying again would prove nothing.
      await orLose(() => sync(descriptor));
      end += bytes.length;
    },
  };
}
