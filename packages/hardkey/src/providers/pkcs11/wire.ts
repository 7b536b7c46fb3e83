/**
 * What the provider and its worker process say to each other, a frame each: the length of a head, the
 * head as JSON, and bytes. What is secret or long is bytes; the head names things.
 *
 * @module
 */
import { fromUtf8, utf8 } from '../../encoding/bytes.ts';
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
  readonly id: number;
  readonly error?: CallError;
  /** How long the module took to use a key, in milliseconds. */
  readonly tookMs?: number;
  /** Of a thread that is there: it was the one that initialised the module. */
  readonly initialized?: boolean;
  readonly tokens?: readonly TokenInfo[];
  readonly mechanisms?: readonly MechanismInfo[];
  readonly objects?: readonly FoundObject[];
  readonly handles?: readonly Handle[];
}

/** A message of either kind. */
export interface Message<H> {
  readonly head: H;
  readonly bytes: Uint8Array;
}

/** The longest frame, in bytes. */
export const FRAME_LIMIT: number = 64 * 1024 * 1024;

const LENGTHS = 8;

/** A whole frame. */
export function encodeMessage(head: object, bytes: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const text = utf8(JSON.stringify(head));
  const frame = new Uint8Array(LENGTHS + text.length + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, frame.length - 4);
  view.setUint32(4, text.length);
  frame.set(text, LENGTHS);
  frame.set(bytes, LENGTHS + text.length);
  return frame;
}

/** Reads the body of a frame. What it returns is a view of it. Throws `MALFORMED`. */
export function decodeMessage<H>(body: Uint8Array): Message<H> {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const length = body.length < 4 ? Number.POSITIVE_INFINITY : view.getUint32(0);
  if (length > body.length - 4) throw malformed();
  try {
    const head = JSON.parse(fromUtf8(body.subarray(4, 4 + length))) as H;
    return { head, bytes: body.subarray(4 + length) };
  } catch {
    throw malformed();
  }
}

function malformed(): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'not a message of the worker', { field: 'pkcs11.frame' });
}
