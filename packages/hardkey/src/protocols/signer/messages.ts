/**
 * What a persistent signer program and hardkey say to each other: JSON, one message in each frame.
 *
 * The program speaks first, with its hello. Then requests and replies; replies come in any order and
 * carry the number of their request.
 *
 * @module
 */
import { decodeBase64, encodeBase64 } from '../../encoding/base64.ts';
import { fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';

/** The version of the messages that is spoken here, and the only one that is understood. */
const SIGNER_CONTRACT = '1.0';

/** The longest frame a program may send, in bytes. */
export const REPLY_LIMIT: number = 64 * 1024;

/** The longest message a program takes in one request when its hello names no other length, in bytes. */
const MESSAGE_LIMIT: number = 1024 * 1024;

const MOST_MESSAGE = 64 * 1024 * 1024;

/** What a request asks for: a signature over a message, or over its digest. */
export type SignerOperation = 'sign' | 'signDigest';

/** A key that a program holds. */
export interface SignerKey {
  readonly key: string;
  readonly alg: string;
  /** `sha256:` and the hexadecimal SHA-256 of the public key's SPKI. */
  readonly fingerprint?: string;
  /** What the program does with it; only `sign` when it says nothing. */
  readonly ops: readonly SignerOperation[];
}

/** The first frame of a program. */
export interface SignerHello {
  readonly keys: readonly SignerKey[];
  /** The longest message it takes in one request, in bytes. */
  readonly maxMessage: number;
}

/** One request. `data` is the message, or the digest for `signDigest`. */
export interface SignerRequest {
  readonly id: number;
  readonly op: SignerOperation;
  readonly key: string;
  readonly alg: string;
  readonly data: Uint8Array;
}

/** One reply: a signature, or the code of what went wrong. */
export type SignerReply =
  | { readonly id: number; readonly signature: Uint8Array; readonly code?: never }
  | { readonly id: number; readonly code: string; readonly signature?: never };

/**
 * Reads a hello. Throws `UNSUPPORTED` for another version, before anything else of it is looked at,
 * and `MALFORMED` for anything that is no hello.
 */
export function decodeHello(body: Uint8Array): SignerHello {
  const outer = record(parse(body), 'signer.hello', ['hello']);
  const hello = record(outer['hello'], 'signer.hello');
  if (hello['contract'] !== SIGNER_CONTRACT) {
    throw new Failure('UNSUPPORTED', 'the program speaks another version of the signer messages', {
      field: 'signer.hello.contract',
    });
  }
  only(hello, 'signer.hello', ['contract', 'keys', 'maxMessage']);
  const { keys, maxMessage = MESSAGE_LIMIT } = hello;
  if (!Array.isArray(keys)) throw malformed('signer.hello.keys');
  if (!isCount(maxMessage) || maxMessage > MOST_MESSAGE) throw malformed('signer.hello.maxMessage');
  return { keys: keys.map(decodeKey), maxMessage };
}

/** Writes a request. */
export function encodeRequest({ id, op, key, alg, data }: SignerRequest): Uint8Array<ArrayBuffer> {
  const content = op === 'sign' ? { m: encodeBase64(data) } : { d: encodeBase64(data) };
  return utf8(JSON.stringify({ id, op, key, alg, ...content }));
}

/** Reads a reply. Throws `MALFORMED`. The text that may come with a code is never kept: it may hold anything. */
export function decodeReply(body: Uint8Array): SignerReply {
  const reply = record(parse(body), 'signer.reply', ['id', 's', 'e']);
  const { id, s, e } = reply;
  if (!isCount(id) || (s === undefined) === (e === undefined)) throw malformed('signer.reply');
  if (e !== undefined) {
    const { code } = record(e, 'signer.reply.e', ['code', 'retryable', 'message']);
    if (typeof code !== 'string') throw malformed('signer.reply.e.code');
    return { id, code };
  }
  if (typeof s !== 'string') throw malformed('signer.reply.s');
  return { id, signature: decodeBase64(s, 'signer.reply.s') };
}

function decodeKey(value: unknown): SignerKey {
  const { key, alg, fingerprint, ops = ['sign'] } = record(value, 'signer.hello.keys', KEY_FIELDS);
  if (typeof key !== 'string' || typeof alg !== 'string') throw malformed('signer.hello.keys');
  if (!Array.isArray(ops) || !ops.every(isOperation)) throw malformed('signer.hello.keys.ops');
  if (fingerprint === undefined) return { key, alg, ops };
  if (typeof fingerprint !== 'string' || !FINGERPRINT.test(fingerprint)) {
    throw malformed('signer.hello.keys.fingerprint');
  }
  return { key, alg, fingerprint, ops };
}

const KEY_FIELDS: readonly string[] = ['key', 'alg', 'fingerprint', 'ops'];
const FINGERPRINT = /^sha256:[0-9a-f]{64}$/;

function isOperation(value: unknown): value is SignerOperation {
  return value === 'sign' || value === 'signDigest';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function parse(body: Uint8Array): unknown {
  const text = fromUtf8(body, 'signer.frame');
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw malformed('signer.frame');
  }
}

function record(value: unknown, field: string, names?: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(field);
  const members = value as Readonly<Record<string, unknown>>;
  if (names !== undefined) only(members, field, names);
  return members;
}

function only(members: Readonly<Record<string, unknown>>, field: string, names: readonly string[]): void {
  if (Object.keys(members).some((name) => !names.includes(name))) throw malformed(field);
}

function malformed(field: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'not a message of a signer program', { field });
}
