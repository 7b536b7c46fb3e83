/**
 * One thread of the worker: a session of its own for each token, and one call after the other.
 *
 * @module
 */
import { readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { FrameReader } from '../../../protocols/signer/frames.ts';
import { decodeMessage, encodeMessage, FRAME_LIMIT, type ReplyHead, type Request } from '../wire.ts';
import { answer } from './answer.ts';
import { type Cryptoki, callError, rvOf } from './cryptoki.ts';
import { Sessions } from './sessions.ts';

interface ThreadData {
  readonly socket: number;
  readonly config: { readonly module: string; readonly parameters?: string };
}

const { socket, config } = workerData as ThreadData;
/** CKF_OS_LOCKING_OK: the module must bear several threads, with locks of the system. */
const OS_LOCKING_OK = 2;
const ALREADY_INITIALIZED = 0x191;
const CHUNK = 64 * 1024;

const module = ready();
if (module !== undefined) serve(new Sessions(module));

/** The module, once the application was told whether there is one. */
function ready(): Cryptoki | undefined {
  try {
    const loaded = load();
    say({ id: 0, initialized: initialize(loaded) });
    return loaded;
  } catch (error) {
    say({ id: 0, error: callError(error) });
    return undefined;
  }
}

function load(): Cryptoki {
  const loaded = new (library())();
  loaded.load(config.module);
  return loaded;
}

/** False where the thread before this one did it for all of them. */
function initialize(loaded: Cryptoki): boolean {
  // pkcs11js cuts the last character off.
  const parameters = config.parameters === undefined ? {} : { libraryParameters: `${config.parameters} ` };
  try {
    loaded.C_Initialize({ flags: OS_LOCKING_OK, ...parameters });
    return true;
  } catch (error) {
    if (rvOf(error) === ALREADY_INITIALIZED) return false;
    throw error;
  }
}

function library(): new () => Cryptoki {
  try {
    const { PKCS11 } = createRequire(import.meta.url)('pkcs11js') as { readonly PKCS11: new () => Cryptoki };
    return PKCS11;
  } catch {
    // Absent, or built for another platform.
    throw Object.assign(new Error('no pkcs11js'), { method: 'require' });
  }
}

/** Until the application closes the socket. Everything blocks: there is nobody else to run. */
function serve(sessions: Sessions): void {
  const frames = new FrameReader(FRAME_LIMIT);
  const chunk = new Uint8Array(CHUNK);
  for (let read = receive(chunk); read > 0; read = receive(chunk)) {
    for (const body of frames.push(chunk.subarray(0, read))) {
      const { head, bytes } = decodeMessage<Request & { readonly id: number }>(body);
      try {
        const { bytes: result, ...reply } = answer(sessions, head, bytes);
        say({ id: head.id, ...reply }, result);
      } catch (error) {
        say({ id: head.id, error: callError(error) });
      }
    }
    // The PIN came this way.
    chunk.fill(0, 0, read);
  }
  sessions.close();
}

function receive(chunk: Uint8Array): number {
  try {
    return readSync(socket, chunk);
  } catch {
    // The application is gone.
    return 0;
  }
}

function say(head: ReplyHead, bytes?: Uint8Array): void {
  const frame = encodeMessage(head, bytes);
  for (let at = 0; at < frame.length; ) at += writeSync(socket, frame, at);
}
