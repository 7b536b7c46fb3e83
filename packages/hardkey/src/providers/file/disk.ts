/**
 * Files that are whole or absent, whatever happens: written aside, made durable, then published.
 *
 * @module
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from '#crypto';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure } from '../../errors.ts';
import { checkOwner, codeOf, refused, unavailable } from './access.ts';
import { take } from './steps.ts';

/** How a file comes into being: `create` never replaces one. */
export type Publishing = 'create' | 'replace';

/** Mark of files that are being written; nothing reads them. */
export const TEMPORARY = '.tmp-';

/**
 * Writes a file that is there whole, durable and mode 0600 when this returns. `KEY_EXISTS` if it was
 * there, `DENIED` or `UNAVAILABLE` when the system does not let it be written.
 */
export function publish(path: string, contents: Uint8Array, how: Publishing): void {
  const temporary = join(dirname(path), `${TEMPORARY}${encodeHex(randomBytes(8))}`);
  coded(path, () => {
    try {
      write(temporary, contents);
      take('publish', path, () => (how === 'create' ? link(temporary, path) : renameSync(temporary, path)));
    } finally {
      rmSync(temporary, { force: true });
    }
  });
  syncFolder(dirname(path));
}

/** Removes a file for good, if it is there. */
export function remove(path: string): void {
  coded(path, () => take('remove', path, () => rmSync(path, { force: true })));
}

/** Makes what was published in, or removed from, a folder durable. */
export function syncFolder(folder: string): void {
  coded(folder, () =>
    take('fsync-folder', folder, () => {
      const descriptor = openSync(folder, constants.O_RDONLY);
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    }),
  );
}

/**
 * The contents of a private file, or undefined when there is none. `DENIED` when it is not a file, or
 * others may read or write it; `MALFORMED` when it is longer than `limit`.
 */
export function readPrivate(path: string, limit: number): Uint8Array | undefined {
  const descriptor = open(path);
  if (descriptor === undefined) return undefined;
  try {
    return coded(path, () => {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw refused('something else stands in for a file of the store', path);
      checkOwner(stats, path);
      return readWhole(descriptor, stats.size, limit, path);
    });
  } finally {
    closeSync(descriptor);
  }
}

/** The contents of a file of `size` bytes. `MALFORMED` when they are more than `limit`. */
export function readWhole(descriptor: number, size: number, limit: number, path: string): Uint8Array {
  if (size > limit) throw new Failure('MALFORMED', 'the file is too large', { path });
  const bytes = new Uint8Array(size);
  let length = 0;
  for (let read = -1; read !== 0 && length < size; length += read) {
    read = readSync(descriptor, bytes, length, size - length, null);
  }
  return bytes.subarray(0, length);
}

function open(path: string): number | undefined {
  try {
    // A pipe is not waited for, and a link not followed.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    if (codeOf(cause) === 'ELOOP') throw refused('a link stands in for a file of the store', path);
    if (codeOf(cause) === 'ENXIO') throw refused('something else stands in for a file of the store', path);
    throw unavailable(path, cause);
  }
}

function write(path: string, contents: Uint8Array): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    take('write', path, () => {
      for (let at = 0; at < contents.length; ) at += writeSync(descriptor, contents, at);
    });
    take('fsync-file', path, () => fsyncSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

function link(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw new Failure('KEY_EXISTS', 'the key exists', { path: to });
    throw cause;
  }
}

/** Says in a code of ours what the system said of a file. */
function coded<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw codeOf(cause) === undefined || cause instanceof Failure ? cause : unavailable(path, cause);
  }
}
