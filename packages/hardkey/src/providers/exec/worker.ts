/**
 * One process of a persistent signer program, from its hello to its end.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import { encodeFrame, FrameReader } from '../../protocols/signer/frames.ts';
import {
  decodeHello,
  decodeReply,
  encodeRequest,
  REPLY_LIMIT,
  type SignerHello,
  type SignerRequest,
} from '../../protocols/signer/messages.ts';
import type { PersistentSettings } from './config.ts';
import { exitFailure, startFailure, unavailable } from './failures.ts';
import { inFlight } from './in-flight.ts';
import { startProgram } from './program.ts';

/** What a worker is asked; it numbers its requests itself. */
export type WorkerRequest = Omit<SignerRequest, 'id'>;

/** A process that is starting, or said its hello. */
export interface Worker {
  /** Rejects when the process ends, errs or is silent before it said its hello. */
  readonly hello: Promise<SignerHello>;
  /** The signature, of whatever length. Only after the hello. */
  request(content: WorkerRequest, options: CallOptions, details: FailureDetails): Promise<Uint8Array>;
  /** Ends the process once nothing is in flight, and kills it when it does not end. */
  stop(): Promise<void>;
}

/** How long a program may take to its hello, and from the end of its stdin to its own. */
const HELLO_MS = 5000;
const STOP_MS = 1000;

/** Bytes that may wait for a program that does not read. */
const UNREAD_LIMIT = 64 * 1024 * 1024;

/**
 * Starts a process. `onEnd` is called once, when no more can be asked of it: with why, if it did run,
 * and ended or had to be ended without being asked to.
 */
export function startWorker(
  settings: PersistentSettings,
  details: FailureDetails,
  onEnd: (crash: Failure | undefined) => void,
): Worker {
  const program = startProgram(settings);
  const frames = new FrameReader(REPLY_LIMIT);
  const hello = Promise.withResolvers<SignerHello>();
  const idle = Promise.withResolvers<void>();
  let heardAt = 0;
  let phase: 'starting' | 'ready' | 'stopping' | 'over' = 'starting';

  const requests = inFlight({
    onBusy(busy) {
      if (phase === 'ready') program.hold(busy);
      if (phase === 'stopping' && !busy) idle.resolve();
    },
    onLate(by, sentAt) {
      // Not a word in the time of one signature: it hangs. When others were answered, it is only slow.
      if (by === 'timeout' && heardAt < sentAt) end(unavailable('the signer program hangs', details));
    },
  });
  const slow = setTimeout(() => end(unavailable('the signer program did not say hello', details)), HELLO_MS);

  function end(why: Failure, started = true): void {
    if (phase === 'over') return;
    const crashed = started && phase !== 'stopping' && why.code !== 'UNSUPPORTED';
    phase = 'over';
    clearTimeout(slow);
    program.kill();
    hello.reject(why);
    requests.fail(why);
    idle.resolve();
    onEnd(crashed ? why : undefined);
  }

  function take(body: Uint8Array): void {
    if (phase !== 'starting') {
      requests.settle(decodeReply(body));
      return;
    }
    hello.resolve(decodeHello(body));
    phase = 'ready';
    clearTimeout(slow);
    program.hold(false);
  }

  program.stdout?.on('data', (chunk: Uint8Array) => {
    if (phase === 'over') return;
    heardAt = performance.now();
    try {
      for (const body of frames.push(chunk)) take(body);
    } catch (error) {
      if (!isFailure(error)) throw error;
      // Whoever sends one wrong frame cannot be believed about the next.
      end(new Failure(error.code, error.message, { ...details, ...error.details }));
    }
  });
  program.ended.then(
    ({ status, error }) => {
      if (error !== undefined) end(startFailure(error, { ...details, path: settings.command[0] }), false);
      else if (status === 0) end(unavailable('the signer program ended', details));
      else end(exitFailure(status, details));
    },
    () => {},
  );

  return {
    hello: hello.promise,
    async request(content, options, own) {
      if (phase !== 'ready') throw unavailable('the signer program ended', own);
      if ((program.stdin?.writableLength ?? 0) > UNREAD_LIMIT) {
        throw new Failure('OVERLOADED', 'the signer program does not read its requests', own);
      }
      const send = (id: number): void => {
        program.stdin?.write(encodeFrame(encodeRequest({ id, ...content })));
      };
      return requests.add(send, options, settings.timeoutMs, own);
    },
    async stop() {
      if (phase === 'ready') phase = 'stopping';
      else end(unavailable('the provider was closed', details), false);
      if (requests.size === 0) idle.resolve();
      await idle.promise;
      program.hold(true);
      program.stdin?.end();
      const kill = setTimeout(() => program.kill(), STOP_MS);
      await program.ended;
      clearTimeout(kill);
    },
  };
}
