/**
 * Standard output and standard error.
 *
 * @module
 */
import { Failure } from 'hardkey';

/** Where results and remarks go. */
export interface Output {
  /** Whether results go to a terminal. */
  readonly terminal: boolean;
  /** How many characters a line of that terminal has, where it says. */
  readonly columns?: number;
  /** Writes a result. Throws `UNAVAILABLE` when nobody reads it or there is no room. */
  write(result: string | Uint8Array): Promise<void>;
  /** Writes a remark, where it does not mix with results. */
  note(text: string): Promise<void>;
  /** Shows a line that the next one replaces, and a remark too. Absent where remarks go to no terminal. */
  readonly progress?: (line: string) => void;
}

/** The slice of a stream that is used. */
interface Sink {
  readonly isTTY?: boolean;
  readonly columns?: number;
  on(event: 'error', listener: (error: Error) => void): unknown;
  write(chunk: string | Uint8Array, done: (error?: Error | null) => void): unknown;
}

/** Output to streams of the process. */
export function streamOutput(results: Sink, remarks: Sink): Output {
  // The callback of `write` reports it; without a listener the process would end in a stack.
  for (const stream of [results, remarks]) stream.on('error', () => undefined);
  let shown = 0;
  /** Spaces over what is left of the line before: not every terminal knows how to erase. */
  function replaced(text: string): string {
    const before = shown === 0 ? '' : `\r${' '.repeat(shown)}\r`;
    shown = 0;
    return before + text;
  }
  const { isTTY, columns } = results;
  return {
    terminal: isTTY === true,
    // A terminal that nobody told its size says zero.
    ...(columns && { columns }),
    write: (result) => writeTo(results, result),
    note: (text) => writeTo(remarks, replaced(`${text}\n`)),
    ...(remarks.isTTY === true && {
      progress: (line: string) => {
        remarks.write(replaced(line), () => undefined);
        shown = line.length;
      },
    }),
  };
}

function writeTo(stream: Sink, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (cause) => {
      if (!cause) resolve();
      else reject(new Failure('UNAVAILABLE', 'the output cannot be written', { field: 'stdout' }, cause));
    });
  });
}
