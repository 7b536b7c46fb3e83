/**
 * Who may reach the store: its owner, and nobody else.
 *
 * @module
 */
import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Failure } from '../../errors.ts';

/**
 * Makes a folder of mode 0700 if it is not there, and those above it. Returns the folders that have a
 * new entry, the outermost first.
 */
export function makeFolder(path: string): readonly string[] {
  if (look(path) !== undefined) return [];
  try {
    const first = mkdirSync(path, { recursive: true, mode: 0o700 });
    return first === undefined ? [] : between(dirname(resolve(first)), dirname(resolve(path)));
  } catch (cause) {
    throw unavailable(path, cause);
  }
}

/**
 * Whether there is a folder. `DENIED` for one that is a link, belongs to somebody else or may be entered
 * by others.
 */
export function checkFolder(path: string): boolean {
  const stats = look(path);
  if (stats === undefined) return false;
  if (!stats.isDirectory()) throw refused('the store is not a folder', path);
  checkOwner(stats, path);
  return true;
}

/** Refuses what others may read or write, or what belongs to them. */
export function checkOwner({ mode, uid }: Stats, path: string): void {
  if ((mode & 0o077) !== 0) throw refused('others may read or write in the store', path);
  const own = process.getuid?.();
  if (own !== undefined && uid !== own) throw refused('the store belongs to another user', path);
}

/** What stands under a name, links not followed; undefined when there is nothing. */
export function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(cause) ?? '')) return undefined;
    throw unavailable(path, cause);
  }
}

/** The `code` of an error of node:fs. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** A file that cannot be read or written. */
export function unavailable(path: string, cause: unknown): Failure {
  const denied = ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(cause) ?? '');
  const message = 'the system does not let the file be read or written';
  return new Failure(denied ? 'DENIED' : 'UNAVAILABLE', message, { path }, cause);
}

/** Something that a store is not opened with. */
export function refused(message: string, path: string): Failure<'DENIED'> {
  return new Failure('DENIED', message, { field: 'store.permissions', path });
}

function between(outer: string, inner: string): readonly string[] {
  return outer === inner || dirname(inner) === inner ? [outer] : [...between(outer, dirname(inner)), inner];
}
