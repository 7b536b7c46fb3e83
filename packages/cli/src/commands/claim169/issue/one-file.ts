/**
 * One file for all credentials: a line of JSON or CSV each.
 *
 * @module
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from 'hardkey';
import { fileFailure } from '../../../files.ts';
import type { Credential, Destination, Place } from './destination.ts';
import { syncFolder } from './folder.ts';
import { atStep } from './steps.ts';

/** To make a line durable takes a slow disk as long as to make a thousand so. */
const MOST = 1024;

/** How a line is written, and what stands above the first. */
interface Form {
  readonly header: string;
  readonly line: (credential: Credential) => string;
}

const FORMS: Readonly<Record<'ndjson' | 'csv', Form>> = {
  ndjson: {
    header: '',
    line: ({ line, made: { text, qrVersion } }) => JSON.stringify({ line, text, qrVersion }),
  },
  csv: {
    header: 'line,text,qrVersion\n',
    // RFC 9285 has no quote and no line end; its spaces may stand at an end.
    line: ({ line, made: { text, qrVersion } }) => `${line},"${text}",${qrVersion}`,
  },
};

/** Opens a file and cuts it off at `end`: what follows was written, but never issued. */
export async function openFile(path: string, form: 'ndjson' | 'csv', end: number): Promise<Destination> {
  const { header, line } = FORMS[form];
  const file = await openAt(path, end);
  let at = end;

  async function append(bytes: Uint8Array): Promise<void> {
    atStep('write');
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
    atStep('sync');
    await file.datasync();
    at += bytes.length;
  }

  return {
    most: MOST,
    async write(credentials) {
      const lines = credentials.map((one) => Buffer.from(`${line(one)}\n`));
      const start = at === 0 ? Buffer.from(header) : Buffer.of();
      let next = at + start.length;
      const places: Place[] = [];
      for (const { length } of lines) {
        next += length;
        places.push({ end: next });
      }
      try {
        await append(Buffer.concat([start, ...lines]));
      } catch (cause) {
        throw fileFailure(path, cause);
      }
      return places;
    },
    // What was left was cut off.
    clear: async () => undefined,
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function openAt(path: string, end: number): Promise<FileHandle> {
  try {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT);
    if ((await file.stat()).size < end) throw cutShort(path);
    await file.truncate(end);
    await file.sync();
    syncFolder(dirname(path));
    return file;
  } catch (cause) {
    throw cause instanceof Failure ? cause : fileFailure(path, cause);
  }
}

function cutShort(path: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'shorter than the manifest says: credentials that were issued are gone', {
    field: 'out',
    path,
  });
}
