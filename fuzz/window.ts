/**
 * A window from one process into another: how many inputs it has run, and which is running. A file,
 * because whatever happens to the process, the file is there.
 *
 * @module
 */
import { openSync, readFileSync, writeSync } from 'node:fs';

const LONGEST = 16_384;
const HEAD = 8;

/** What is seen through a window. */
export interface Seen {
  /** Inputs that were shown so far. */
  readonly count: number;
  /** The last of them. */
  readonly input: Uint8Array;
}

/** Shows every input it is called with in the file. */
export function openWindow(file: string): (input: Uint8Array) => void {
  const descriptor = openSync(file, 'w');
  const page = new Uint8Array(HEAD + LONGEST);
  const head = new Uint32Array(page.buffer, 0, 2);
  return (input) => {
    const shown = input.subarray(0, LONGEST);
    head[0] = (head[0] ?? 0) + 1;
    head[1] = shown.length;
    page.set(shown, HEAD);
    writeSync(descriptor, page, 0, HEAD + shown.length, 0);
  };
}

/** Looks at what the file shows. */
export function lookThrough(file: string): Seen {
  const page = Uint8Array.from(readFileSync(file));
  const [count = 0, length = 0] = new Uint32Array(page.buffer, 0, page.length < HEAD ? 0 : 2);
  return { count, input: page.slice(HEAD, HEAD + length) };
}
