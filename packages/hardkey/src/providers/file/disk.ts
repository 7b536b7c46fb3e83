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
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from '#crypto';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure } from '../../errors.ts';
import { take } from './steps.ts';

/** How a file comes into being: `create` never replaces one. */
export type Publishing = 'create' | 'replace';

/** Mark of files that are being written; nothing reads them. */
export const TEMPORARY = '.tmp-';

/** Writes a file that is there whole, durable and mode 0600 when this returns. `KEY_EXISTS` if it was there. */
export function publish(path: string, contents: Uint8Array, how: Publishing): void {
  const temporary = join(dirname(path), `${TEMPORARY}${encodeHex(randomBytes(8))}`);
  try {
    write(temporary, contents);
    take('publish', path, () => (how === 'create' ? link(temporary, path) : renameSync(temporary, path)));
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
}

/** Removes a file for good, if it is there. */
export function remove(path: string): void {
  take('remove', path, () => rmSync(path, { force: true }));
}

/** Makes what was published in, or removed from, a folder durable. */
export function syncFolder(folder: string): void {
  take('fsync-folder', folder, () => {
    const descriptor = openSync(folder, constants.O_RDONLY);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** The contents of a private file, or undefined when there is none. `DENIED` when others may read or write it. */
export function readPrivate(path: string): Uint8Array | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    if (codeOf(cause) === 'ELOOP') throw refused('a link stands in for a file of the store', path);
    throw unavailable(path, cause);
  }
  try {
    const { mode, uid } = fstatSync(descriptor);
    checkOwner(mode, uid, path);
    return new Uint8Array(readFileSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the store's folder if it is not there, mode 0700, and refuses one that others may enter. */
export function privateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unavailable(path, cause);
  }
  checkFolder(path);
}

/** Refuses a folder that is a link, belongs to somebody else or may be entered by others. */
export function checkFolder(path: string): void {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) throw refused('the store is not a folder', path);
  checkOwner(stats.mode, stats.uid, path);
}

/** The `code` of an error of node:fs. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** A file that cannot be read or written. */
export function unavailable(path: string, cause: unknown): Failure {
  const denied = ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(cause) ?? '');
  const message = 'the system does not give access to the store';
  return new Failure(denied ? 'DENIED' : 'UNAVAILABLE', message, { path }, cause);
}

function write(path: string, contents: Uint8Array): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (cause) {
    throw unavailable(path, cause);
  }
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
    throw unavailable(to, cause);
  }
}

function checkOwner(mode: number, uid: number, path: string): void {
  if ((mode & 0o077) !== 0) throw refused('others may read or write in the store', path);
  const own = process.getuid?.();
  if (own !== undefined && uid !== own) throw refused('the store belongs to another user', path);
}

function refused(message: string, path: string): Failure<'DENIED'> {
  return new Failure('DENIED', message, { field: 'store.permissions', path });
}
