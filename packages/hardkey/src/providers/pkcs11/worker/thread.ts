/**
 * One thread of the worker: a session of its own for each token, and one call after the other.
 *
 * @module
 */
import { readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { join } from '../../../encoding/bytes.ts';
import { FrameReader } from '../../../protocols/signer/frames.ts';
import {
  encodeMessage,
  FRAME_LIMIT,
  MessageReader,
  type ReplyHead,
  type Request,
  type UseRequest,
} from '../wire.ts';
import { type Answer, answer } from './answer.ts';
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
/** Signatures that came one after the other, each within so many milliseconds, are sent together. */
const TOGETHER = { most: 8, eachMs: 0.2 };
/** What a message has room for: more than an hour. */
const LONGEST_US = 2 ** 32 - 1;

const module = ready();
if (module !== undefined) serve(new Sessions(module));

/** The module, once the application was told whether there is one. */
function ready(): Cryptoki | undefined {
  try {
    const loaded = load();
    say({ initialized: initialize(loaded) });
    return loaded;
  } catch (error) {
    say({ error: callError(error) });
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
  const messages = new MessageReader<Request>();
  const chunk = new Uint8Array(CHUNK);
  for (let read = receive(chunk); read > 0; read = receive(chunk)) {
    answerAll(sessions, messages, frames.push(chunk.subarray(0, read)));
    // The PIN came this way.
    chunk.fill(0, 0, read);
  }
  sessions.close();
}

/**
 * Answers one request after the other. To send each answer by itself costs a fifth of a quick token's
 * time, so signatures wait for the next ones: who is not told of one can have another. Nothing else waits,
 * and nothing waits for anything else.
 */
function answerAll(
  sessions: Sessions,
  messages: MessageReader<Request>,
  bodies: readonly Uint8Array[],
): void {
  let waiting: Uint8Array[] = [];
  const send = (): void => {
    write(join(waiting));
    waiting = [];
  };
  for (const [at, body] of bodies.entries()) {
    const { id, head, bytes } = messages.read(body);
    const signs = head.op === 'sign';
    if (!signs && waiting.length > 0) send();
    const began = performance.now();
    const { bytes: result, ...said } = outcome(sessions, head, bytes);
    const tookMs = performance.now() - began;
    const tookUs = isUse(head) ? Math.min(Math.ceil(tookMs * 1000), LONGEST_US) : 0;
    waiting.push(encodeMessage({ id, tookUs }, said, result));
    const more = signs && at < bodies.length - 1;
    if (!more || waiting.length >= TOGETHER.most || tookMs > TOGETHER.eachMs) send();
  }
}

/** What a key is asked to do, again and again. What is only asked now and then says nothing of how quick a token is. */
function isUse(request: Request): request is UseRequest {
  return 'length' in request;
}

function outcome(sessions: Sessions, asked: Request, bytes: Uint8Array): Answer & Pick<ReplyHead, 'error'> {
  try {
    return answer(sessions, asked, bytes);
  } catch (error) {
    return { error: callError(error) };
  }
}

function receive(chunk: Uint8Array): number {
  try {
    return readSync(socket, chunk);
  } catch {
    // The application is gone.
    return 0;
  }
}

function say(head: ReplyHead): void {
  write(encodeMessage({ id: 0 }, head));
}

function write(frames: Uint8Array): void {
  for (let at = 0; at < frames.length; ) at += writeSync(socket, frames, at);
}
