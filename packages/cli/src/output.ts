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
  /** Writes a result. Throws `UNAVAILABLE` when nobody reads it or there is no room. */
  write(result: string | Uint8Array): Promise<void>;
  /** Writes a remark, where it does not mix with results. */
  note(text: string): Promise<void>;
}

/** The slice of a stream that is used. */
interface Sink {
  readonly isTTY?: boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  write(chunk: string | Uint8Array, done: (error?: Error | null) => void): unknown;
}

/** Output to streams of the process. */
export function streamOutput(results: Sink, remarks: Sink): Output {
  // The callback of `write` reports it; without a listener the process would end in a stack.
  for (const stream of [results, remarks]) stream.on('error', () => undefined);
  return {
    terminal: results.isTTY === true,
    write: (result) => writeTo(results, result),
    note: (text) => writeTo(remarks, `${text}\n`),
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
