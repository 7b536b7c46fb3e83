/**
 * A window from one thread into another: how many inputs it has run, and which is running.
 *
 * @module
 */

const LONGEST = 16_384;
const HEAD = 8;

/** Both sides of a window. */
export interface Window {
  /** Shows the input that runs next. */
  announce(input: Uint8Array): void;
  /** How many were shown. */
  count(): number;
  /** The last that was shown. */
  current(): Uint8Array;
}

/** Memory for a window. */
export function windowMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD + LONGEST);
}

/** The window in `memory`, from either side. */
export function createWindow(memory: SharedArrayBuffer): Window {
  const head = new Int32Array(memory, 0, 2);
  const bytes = new Uint8Array(memory, HEAD);
  return {
    announce(input) {
      const shown = input.length > LONGEST ? input.subarray(0, LONGEST) : input;
      bytes.set(shown);
      head[1] = shown.length;
      head[0] = (head[0] ?? 0) + 1;
    },
    count: () => Atomics.load(head, 0),
    current: () => bytes.slice(0, Atomics.load(head, 1)),
  };
}
