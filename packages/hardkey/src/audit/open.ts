/**
 * Opens a log for its one writer.
 *
 * @module
 */
import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Failure, isFailure } from '../errors.ts';
import { tryLockFile } from '../lock-file.ts';
import { type AuditHead, chainLine } from './chain.ts';
import { readTail, type Tail } from './tail.ts';

/** A log that is locked, verified at its end, and ends in a whole record. */
export interface OpenLog {
  readonly descriptor: number;
  readonly head: AuditHead;
  readonly size: number;
  /** Gives the descriptor and the lock up. */
  readonly release: () => void;
}

const { O_RDWR, O_CREAT, O_APPEND } = constants;
// Absent on Windows, as are the modes of files.
const O_NOFOLLOW: number = constants.O_NOFOLLOW ?? 0;
const hasModes = process.platform !== 'win32';

/** Throws `DENIED` for a file that others may read or write, and everything `readTail` throws. */
export function openLog(path: string): OpenLog {
  try {
    return openLocked(path, takeLock(`${path}.lock`));
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    throw new Failure('UNAVAILABLE', 'the log cannot be opened', { path }, cause);
  }
}

function takeLock(path: string): () => void {
  const release = tryLockFile(path);
  if (release !== undefined) return release;
  throw new Failure('UNAVAILABLE', 'another process has the lock', { field: 'lock', path });
}

function openLocked(path: string, unlock: () => void): OpenLog {
  let descriptor: number | undefined;
  const release = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
    unlock();
  };
  try {
    descriptor = openFile(path);
    checkFile(descriptor, path);
    const tail = readTail(descriptor, path);
    return { descriptor, release, ...(tail.torn === 0 ? tail : recover(descriptor, tail)) };
  } catch (error) {
    release();
    throw error;
  }
}

function openFile(path: string): number {
  const isNew = !existsSync(path);
  const descriptor = openSync(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
  if (isNew && hasModes) syncFolder(dirname(path));
  return descriptor;
}

/** A new file is durable only when its name is. */
function syncFolder(path: string): void {
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function checkFile(descriptor: number, path: string): void {
  const status = fstatSync(descriptor);
  if (!status.isFile()) throw new Failure('ARGUMENT_INVALID', 'not a file', { field: 'path', path });
  if (hasModes && (status.mode & 0o077) !== 0) {
    throw new Failure('DENIED', 'others may read or write the log: its mode must be 0600', { path });
  }
}

/** Replaces an unfinished line by the record of its removal. */
function recover(descriptor: number, { head, size, torn }: Tail): Pick<OpenLog, 'head' | 'size'> {
  const time = new Date().toISOString();
  const body = JSON.stringify({ time, operation: 'recover', outcome: 'OK', discardedBytes: torn });
  const made = chainLine(head, body);
  const bytes = new TextEncoder().encode(`${made.line}\n`);
  ftruncateSync(descriptor, size);
  if (writeSync(descriptor, bytes) !== bytes.length) {
    throw new Failure('UNAVAILABLE', 'the log takes no more records');
  }
  fdatasyncSync(descriptor);
  return { head: made.head, size: size + bytes.length };
}
