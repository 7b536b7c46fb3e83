/**
 * One process for each signature.
 *
 * @module
 */
import type { Readable } from 'node:stream';
import { watchLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { encodeBase64 } from '../../encoding/base64.ts';
import { concat, utf8 } from '../../encoding/bytes.ts';
import type { FailureDetails } from '../../errors.ts';
import type { OnceSettings } from './config.ts';
import { badOutput, exitFailure, startFailure, unavailable } from './failures.ts';
import { readOutput } from './output.ts';
import { type Program, startProgram } from './program.ts';
import { turns } from './turns.ts';

/** Output beyond this ends the program; signatures that are long themselves may take three times their length. */
const STDOUT_LIMIT = 4096;

/** Signs by running the program. */
export interface OnceSigner {
  sign(
    message: Uint8Array,
    length: number,
    options: CallOptions,
    details: FailureDetails,
  ): Promise<Uint8Array>;
  /** Ends every process. */
  close(): Promise<void>;
}

/** Runs at most `workers` processes at once; the other calls wait, and their limits count the wait. */
export function onceSigner(settings: OnceSettings): OnceSigner {
  const queue = turns(settings.workers);
  const running = new Set<Program>();
  let closed = false;

  /** Starts the program. The turn ends with the process, which may be later than the call. */
  function start(endTurn: () => void): Program {
    const program = startProgram(settings);
    running.add(program);
    program.ended.then(() => {
      running.delete(program);
      endTurn();
    }, endTurn);
    return program;
  }

  return {
    async sign(message, length, options, details) {
      const endTurn = await queue.take(options, details);
      if (closed) {
        endTurn();
        throw unavailable('the provider was closed', details);
      }
      const program = start(endTurn);
      program.stdin?.end(input(settings, message));
      const limit = Math.max(STDOUT_LIMIT, 3 * length);
      const bytes = await outputOf(program, limit, settings, options, details);
      return readOutput(settings.output, bytes, length, details);
    },
    async close() {
      closed = true;
      for (const program of running) program.kill();
      await Promise.all([...running].map(({ ended }) => ended));
    },
  };
}

/** What the program wrote, once it ended well. It is killed when the call ends before. */
function outputOf(
  program: Program,
  limit: number,
  { timeoutMs, command }: OnceSettings,
  options: CallOptions,
  details: FailureDetails,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const fail = (reason: unknown): void => {
      program.kill();
      reject(reason);
    };
    const unwatch = watchLimits(options, timeoutMs, details, fail);
    const read = collect(program.stdout, limit, () =>
      fail(badOutput('the output is too long for a signature', details)),
    );
    program.ended.then(({ status, error }) => {
      unwatch();
      if (error !== undefined) reject(startFailure(error, { ...details, path: command[0] }));
      else if (status !== 0) reject(exitFailure(status, details));
      else resolve(read());
    }, reject);
  });
}

function input({ stdin, lineFeed }: OnceSettings, message: Uint8Array): Uint8Array {
  if (stdin === 'raw') return message;
  return utf8(encodeBase64(message) + (lineFeed ? '\n' : ''));
}

/** Reads a stream to at most `limit` bytes. Returns what gives them. */
function collect(stream: Readable | null, limit: number, tooLong: () => void): () => Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  stream?.on('data', (chunk: Uint8Array) => {
    length += chunk.length;
    if (length <= limit) {
      chunks.push(chunk);
      return;
    }
    stream.destroy();
    tooLong();
  });
  return () => concat(...chunks);
}
