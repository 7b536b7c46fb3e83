/**
 * The end of a log that is opened for writing.
 *
 * @module
 */
import { fstatSync, readSync } from 'node:fs';
import { type AuditHead, broken, followLine, GENESIS, LINE_LIMIT } from './chain.ts';

/** Where a log ends. */
export interface Tail {
  readonly head: AuditHead;
  /** Bytes up to the last line feed. */
  readonly size: number;
  /** Bytes after it: a line whose writing was cut short, so that it was never acknowledged. */
  readonly torn: number;
}

const LINE_FEED = 0x0a;
/** Enough for at least three of the longest lines and a torn one. */
const WINDOW = 4 * (LINE_LIMIT + 1);

/**
 * Reads and verifies the last lines. Throws `VERIFICATION_FAILED` when their chain is broken; the lines
 * before them are for `verifyAudit`.
 */
export function readTail(descriptor: number, path: string): Tail {
  const { size } = fstatSync(descriptor);
  const start = Math.max(0, size - WINDOW);
  const bytes = readAt(descriptor, start, size - start);
  const end = bytes.lastIndexOf(LINE_FEED) + 1;
  const torn = bytes.length - end;
  if (torn > LINE_LIMIT)
    throw broken('format', 'the log does not end in a record', { number: 0, offset: start, path });
  // A window that begins within a line begins to be useful after it.
  let from = start === 0 ? 0 : bytes.indexOf(LINE_FEED) + 1;
  let head = start === 0 ? GENESIS : undefined;
  while (from < end) {
    const next = bytes.indexOf(LINE_FEED, from);
    const place = { number: (head?.sequence ?? 0) + 1, offset: start + from, path };
    head = followLine(head, bytes.subarray(from, next), place);
    from = next + 1;
  }
  return { head: head ?? GENESIS, size: start + end, torn };
}

function readAt(descriptor: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const read = readSync(descriptor, bytes, done, length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}
