/**
 * Files that the user names: read whole, written whole.
 *
 * @module
 */
import { createReadStream, mkdirSync, mkdtempSync, realpathSync, statSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure, type FailureDetails } from 'hardkey';

/** The most that is read of what has no reason to be large, in bytes. */
export const SMALL: number = 16 * 1024 * 1024;

/** The most that is read of anything, in bytes: what the runtime takes in one piece. */
export const LARGE: number = 2 ** 31 - 1;

/** Whether a file has this name; a folder is none. */
export function isFile(path: string): boolean {
  try {
    return !(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true);
  } catch {
    // Text is tried as a name, and not all of it can be one.
    return false;
  }
}

/** Reads a file. Throws `MALFORMED` when it is larger than that, `ARGUMENT_INVALID` when there is none, `DENIED` or `UNAVAILABLE`. */
export async function readBytes(path: string, limit: number = LARGE): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw fileFailure(path, cause);
  });
  if (bytes.length > limit) throw new Failure('MALFORMED', 'too large', { path });
  return bytes;
}

/** Reads a file that has no reason to be large. Throws `MALFORMED` when it is, without reading it to its end. */
export async function readSmall(path: string): Promise<Uint8Array> {
  try {
    return await collect(createReadStream(path), SMALL, { path });
  } catch (cause) {
    throw cause instanceof Failure ? cause : fileFailure(path, cause);
  }
}

/** The bytes of a stream. Throws `MALFORMED` when there are more than `limit`. */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  details: FailureDetails,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > limit) throw new Failure('MALFORMED', 'too large', details);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts, length));
}

/**
 * Writes a file so that it is there whole or not at all, in place of one that is there. What is no
 * regular file, a pipe or a device, is written to.
 */
export async function writeWhole(path: string, bytes: Uint8Array, mode = 0o666): Promise<void> {
  try {
    const target = realPath(path);
    const found = statSync(target, { throwIfNoEntry: false });
    if (found !== undefined && !found.isFile()) await writeFile(target, bytes);
    else await replace(target, bytes, mode);
  } catch (cause) {
    throw fileFailure(path, cause);
  }
}

/** Makes a new folder in the one for temporary files. Only its owner can enter. */
export function temporaryFolder(prefix: string): string {
  const path = join(tmpdir(), prefix);
  try {
    return mkdtempSync(path);
  } catch (cause) {
    throw fileFailure(path, cause);
  }
}

/** Makes a folder that only its owner can enter, and those above it. */
export function privateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw fileFailure(path, cause);
  }
}

const CODES: Readonly<Record<string, readonly ['ARGUMENT_INVALID' | 'DENIED' | 'MALFORMED', string]>> = {
  ENOENT: ['ARGUMENT_INVALID', 'no such file'],
  ENOTDIR: ['ARGUMENT_INVALID', 'no such file'],
  ENAMETOOLONG: ['ARGUMENT_INVALID', 'no such file'],
  EISDIR: ['ARGUMENT_INVALID', 'a folder, where a file was expected'],
  EACCES: ['DENIED', 'the system refuses access'],
  EPERM: ['DENIED', 'the system refuses access'],
  EROFS: ['DENIED', 'the file system is read only'],
  ERR_FS_FILE_TOO_LARGE: ['MALFORMED', 'too large'],
};

/** What the system said of a file, as a failure. */
export function fileFailure(path: string, cause: unknown): Failure {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const [failure, message] = CODES[code] ?? ['UNAVAILABLE', 'the file cannot be read or written'];
  return new Failure(failure, message, { path }, cause);
}

/** The file behind a link, so that the link stays. */
function realPath(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? path : realpathSync(path);
}

async function replace(target: string, bytes: Uint8Array, mode: number): Promise<void> {
  const temporary = join(dirname(target), `.hardkey-${crypto.randomUUID()}`);
  try {
    const file = await open(temporary, 'wx', mode);
    await writeAndSync(file, bytes);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeAndSync(file: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
