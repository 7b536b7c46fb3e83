/**
 * A file for each credential, named by the line of its record: `000000017.png`.
 *
 * @module
 */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure } from '../../../files.ts';
import type { Picture } from '../picture.ts';
import type { Credential, Destination } from './destination.ts';
import { atStep } from './steps.ts';

/** Files that are open at the same time. */
const MOST = 256;

/** Opens a folder that is there. */
export function openFolder(folder: string, picture: Picture): Destination {
  const nameOf = (line: number): string => `${String(line).padStart(DIGITS, '0')}.${picture}`;

  async function writeOne({ line, made }: Credential): Promise<string> {
    const name = nameOf(line);
    const path = join(folder, name);
    // What has the name is whole. A run that was stopped before the renaming writes this file again.
    const unfinished = `${path}.part`;
    atStep('write');
    const file = await open(unfinished, 'w');
    try {
      await file.writeFile(made.file ?? made.text);
      atStep('sync');
      await file.sync();
    } finally {
      await file.close();
    }
    atStep('publish');
    await rename(unfinished, path);
    return name;
  }

  return {
    most: MOST,
    async write(credentials) {
      try {
        const names = await Promise.all(credentials.map(writeOne));
        atStep('sync-folder');
        syncFolder(folder);
        return names.map((file) => ({ file }));
      } catch (cause) {
        throw fileFailure(folder, cause);
      }
    },
    async clear(line) {
      const path = join(folder, nameOf(line));
      for (const one of [path, `${path}.part`]) await rm(one, { force: true });
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Enough for a line of any input, and names sort as lines do. */
const DIGITS = 9;

/** Makes the names in a folder durable. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
