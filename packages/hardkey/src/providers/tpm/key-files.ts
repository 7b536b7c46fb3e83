/**
 * TSS2 key files on disk.
 *
 * @module
 */
import { link, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomBytes } from '#crypto';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure } from '../../errors.ts';
import { decodeKeyFile, encodeKeyFile, keyFileLabel, type TpmKeyFile } from '../../protocols/tpm/key-file.ts';
import { systemCode } from './failures.ts';

/** More bytes than any key file has. */
const LIMIT = 64 * 1024;

/** Reads a key file. `KEY_NOT_FOUND` when there is none. */
export async function readKeyFile(path: string): Promise<TpmKeyFile> {
  return decodeKeyFile(await readSmall(path));
}

async function readSmall(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LIMIT) throw new Failure('MALFORMED', 'too large for a key', { path });
    return await readFile(path, 'latin1');
  } catch (error) {
    throw diskFailure(error, path);
  }
}

/** Whether there is a file, of any kind. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw diskFailure(error, path);
  }
}

/** Writes a key file that is there whole, durable and mode 0600 when this returns. `KEY_EXISTS` if it was there. */
export async function writeKeyFile(path: string, contents: TpmKeyFile): Promise<void> {
  const temporary = join(dirname(path), `.tmp-${encodeHex(randomBytes(8))}`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(encodeKeyFile(contents));
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw diskFailure(error, path);
    throw new Failure('UNAVAILABLE', 'the folder of the key file is not there', { path }, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Removes a key file for good. What is no key file stays. */
export async function removeKeyFile(path: string): Promise<void> {
  await readKeyFile(path);
  try {
    await rm(path);
    await syncFolder(dirname(path));
  } catch (error) {
    throw diskFailure(error, path);
  }
}

/** The key files of a folder, by name. A folder that is not there has none. */
export async function keyFilesIn(folder: string): Promise<readonly string[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskFailure(error, folder);
  }
  const paths = names.filter((name) => !name.startsWith('.')).map((name) => join(folder, name));
  const found: string[] = [];
  for (const path of paths.sort()) if (await isKeyFile(path)) found.push(path);
  return found;
}

async function isKeyFile(path: string): Promise<boolean> {
  const stats = await stat(path);
  return stats.isFile() && stats.size <= LIMIT && (await readSmall(path)).includes(`BEGIN ${keyFileLabel}-`);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function diskFailure(error: unknown, path: string): unknown {
  if (error instanceof Failure) return error;
  const code = systemCode(error);
  if (code === 'ENOENT') return new Failure('KEY_NOT_FOUND', 'no such file', { path }, error);
  if (code === 'EEXIST') return new Failure('KEY_EXISTS', 'the key exists', { path }, error);
  const refused = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  return new Failure(refused ? 'DENIED' : 'UNAVAILABLE', 'the key file cannot be used', { path }, error);
}
