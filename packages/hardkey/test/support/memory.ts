// What there is in the memory of another process, or in a file that was written of it.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Why memory cannot be looked at; false where it can. */
export const noMemory = process.platform === 'linux' ? false : 'only Linux shows memory as a file';

/** Everything that a process has written to, piece by piece. */
export function* memoryOf(pid: number): Generator<Buffer> {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (from === undefined || to === undefined) continue;
      const start = Number.parseInt(from, 16);
      const bytes = Buffer.alloc(Number.parseInt(to, 16) - start);
      try {
        yield bytes.subarray(0, readSync(memory, bytes, 0, bytes.length, start));
      } catch {
        // Reserved, and never used.
      }
    }
  } finally {
    closeSync(memory);
  }
}

/** A file, in pieces that overlap by more than any secret is long. */
export function* piecesOf(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(PIECE + OVERLAP);
  try {
    for (let at = 0, read = -1; read !== 0; at += PIECE) {
      read = readSync(file, bytes, 0, bytes.length, at);
      yield bytes.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

const PIECE = 16 * 1024 * 1024;
const OVERLAP = 1024;

/** Which of these secrets there are in these pieces, in any of the forms that bytes are seen in. */
export function secretsIn(
  pieces: Iterable<Buffer>,
  secrets: Readonly<Record<string, Uint8Array>>,
): readonly string[] {
  const names = new Set<string>();
  const forms = Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).map((form) => ({ name, form })),
  );
  for (const piece of pieces) {
    for (const { name, form } of forms) if (piece.includes(form)) names.add(name);
  }
  return [...names].sort();
}

function formsOf(secret: Uint8Array): readonly Buffer[] {
  const bytes = Buffer.from(secret);
  const wide = Buffer.from(bytes.toString('latin1'), 'utf16le');
  const texts = (['hex', 'base64', 'base64url'] as const).map((form) => Buffer.from(bytes.toString(form)));
  // OpenSSL keeps numbers the other way round.
  return [bytes, Buffer.from(bytes.toReversed()), wide, ...texts];
}
