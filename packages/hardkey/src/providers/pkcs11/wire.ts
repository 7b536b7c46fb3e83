/**
 * What the provider and its worker process say to each other, a frame each: a number, how long it took,
 * the length of a head, the head as JSON, and bytes. What is secret or long is bytes; the head names things,
 * and is the same for each use of a key.
 *
 * @module
 */
import { equalBytes, fromUtf8, viewOf } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';

/** A handle of the module: the bytes of a CK_ULONG, in hexadecimal. */
export type Handle = string;

/** A part of the bytes of a request: from here, as far as there. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A value of an attribute: CK_BBOOL, CK_ULONG, bytes in hexadecimal, or a part of the request's bytes. */
export type Value = boolean | number | string | Span;

/** Attributes with their values, as a search or a new object has them. */
export type Template = readonly (readonly [type: number, value: Value])[];

/** A mechanism, and its parameters where it has any. */
export interface Mechanism {
  readonly type: number;
  /** CK_RSA_PKCS_PSS_PARAMS and CK_RSA_PKCS_OAEP_PARAMS; the salt belongs to the first. */
  readonly rsa?: { readonly hash: number; readonly mgf: number; readonly saltLength?: number };
  /** CK_GCM_PARAMS: the nonce in hexadecimal, and how many of the first bytes are associated data. */
  readonly gcm?: { readonly nonce: string; readonly aadLength: number };
  /** CK_ECDH1_DERIVE_PARAMS without a key derivation function: the other point in hexadecimal. */
  readonly ecdh?: { readonly point: string };
}

/** Attributes that are read together where all can be read, and one by one where not. */
export interface Reading {
  readonly types: readonly number[];
  /** Of keys of these CKK_… only. */
  readonly keyTypes?: readonly number[];
  /** Whatever goes wrong with them, the object is shown, and says that they were not read. */
  readonly optional?: true;
}

/** What a key is asked to do with bytes. `length` is the most that can come of it. */
export interface UseRequest {
  readonly op: 'sign' | 'encrypt' | 'decrypt' | 'wrap' | 'unwrap' | 'derive';
  readonly slot: Handle;
  readonly key: Handle;
  readonly mechanism: Mechanism;
  readonly length: number;
}

/** One request. */
export type Request =
  | { readonly op: 'tokens' }
  | { readonly op: 'mechanisms'; readonly slot: Handle }
  /** With the PIN as its bytes; no bytes where the reader asks for it itself. */
  | { readonly op: 'login'; readonly slot: Handle }
  | {
      readonly op: 'find';
      readonly slot: Handle;
      readonly template: Template;
      /** What is read of an object, by its CKO_…; objects of other classes are left out. */
      readonly reading: Readonly<Record<string, readonly Reading[]>>;
    }
  | UseRequest
  /** Whether the operation can begin. Nothing is signed or decrypted, and nothing is left behind. */
  | {
      readonly op: 'try';
      readonly use: 'sign' | 'encrypt' | 'decrypt';
      readonly slot: Handle;
      readonly key: Handle;
      readonly mechanism: Mechanism;
    }
  | {
      readonly op: 'generateKey';
      readonly slot: Handle;
      readonly mechanism: Mechanism;
      readonly template: Template;
    }
  | {
      readonly op: 'generateKeyPair';
      readonly slot: Handle;
      readonly mechanism: Mechanism;
      readonly publicTemplate: Template;
      readonly privateTemplate: Template;
    }
  | { readonly op: 'create'; readonly slot: Handle; readonly template: Template }
  | { readonly op: 'destroy'; readonly slot: Handle; readonly object: Handle }
  | { readonly op: 'ping'; readonly slot: Handle };

/** An object that was found: what could be read of it, in hexadecimal, by attribute. */
export interface FoundObject {
  readonly handle: Handle;
  readonly attributes: Readonly<Record<string, string>>;
  /** Attributes that could not be read, and may be there. */
  readonly unread: readonly number[];
}

/** A token in a slot, and the slot and library that it was found by. */
export interface TokenInfo {
  readonly slot: Handle;
  readonly label: string;
  readonly serial: string;
  readonly manufacturer: string;
  readonly model: string;
  /** CKF_… of C_GetTokenInfo. */
  readonly flags: number;
  readonly slotManufacturer: string;
  readonly slotDescription: string;
  readonly libraryManufacturer: string;
  readonly libraryDescription: string;
  readonly libraryVersion: { readonly major: number; readonly minor: number };
}

/** A mechanism of a token: its type and its CKF_…. */
export type MechanismInfo = readonly [type: number, flags: number];

/** What went wrong, and in which call: a CKR_…, or 0 where the module itself could not be used. */
export interface CallError {
  readonly rv: number;
  readonly name: string;
  readonly call: string;
}

/** The head of a reply; which member is there depends on what was asked. */
export interface ReplyHead {
  readonly error?: CallError;
  /** Of a thread that is there: it was the one that initialised the module. */
  readonly initialized?: boolean;
  readonly tokens?: readonly TokenInfo[];
  readonly mechanisms?: readonly MechanismInfo[];
  readonly objects?: readonly FoundObject[];
  readonly handles?: readonly Handle[];
}

/** A message of either kind. */
export interface Message<H> {
  /** Of the request, which its reply has as well. */
  readonly id: number;
  /** How long the module took to use a key, in microseconds; 0 where that was not asked. */
  readonly tookUs: number;
  readonly head: H;
  readonly bytes: Uint8Array;
}

/** The longest frame, in bytes. */
export const FRAME_LIMIT: number = 64 * 1024 * 1024;

const EMPTY = new Uint8Array();
/** The length of the frame, the number, the time, the length of the head. */
const FIXED = 16;
/** Heads that are longer do not repeat. */
const REPEATED = 512;

/** A whole frame. Of the runtime's pool where it is short: to make a buffer and collect it costs more than to fill it. */
export function encodeMessage(
  { id, tookUs = 0 }: { readonly id: number; readonly tookUs?: number },
  head: object,
  bytes: Uint8Array = EMPTY,
): Uint8Array {
  const text = JSON.stringify(head);
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(FIXED + length + bytes.length);
  frame.writeUInt32BE(frame.length - 4, 0);
  frame.writeUInt32BE(id, 4);
  frame.writeUInt32BE(tookUs, 8);
  frame.writeUInt32BE(length, 12);
  frame.write(text, FIXED);
  frame.set(bytes, FIXED + length);
  return frame;
}

/** Reads the bodies of frames. A head that is that of the message before is not parsed again. */
export class MessageReader<H> {
  #last: { readonly text: Uint8Array; readonly head: H } | undefined;

  /** The bytes of what it returns are a view of `body`. Throws `MALFORMED`. */
  read(body: Uint8Array): Message<H> {
    const start = FIXED - 4;
    if (body.length < start) throw malformed();
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    const end = start + view.getUint32(8);
    if (end > body.length) throw malformed();
    const head = this.#head(viewOf(body, start, end));
    return { id: view.getUint32(0), tookUs: view.getUint32(4), head, bytes: viewOf(body, end, body.length) };
  }

  #head(text: Uint8Array): H {
    if (this.#last !== undefined && equalBytes(this.#last.text, text)) return this.#last.head;
    const head = parsed<H>(text);
    // A copy: what was received is used again.
    if (text.length <= REPEATED) this.#last = { text: Uint8Array.from(text), head };
    return head;
  }
}

function parsed<H>(text: Uint8Array): H {
  try {
    return JSON.parse(fromUtf8(text)) as H;
  } catch {
    throw malformed();
  }
}

function malformed(): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'not a message of the worker', { field: 'pkcs11.frame' });
}
