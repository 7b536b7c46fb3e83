/**
 * What a command is, and its frame on the wire (Part 1 §18, Part 3 §4).
 *
 * @module
 */
import { concat, viewOf } from '../../encoding/bytes.ts';
import { encodeTpm, nothing, type TpmCodec, u32 } from './codec.ts';
import { structureTag } from './identifiers.ts';
import { TpmReader } from './reader.ts';

/** A command: what goes in and what comes out. */
export interface TpmCommand<Q extends object, S extends object> {
  readonly name: string;
  readonly code: number;
  /** The handles it takes, in order; the first `auths` of them need an authorization. */
  readonly handles: readonly string[];
  readonly auths: number;
  /** Whether the first of them is used in the role ADMIN (Part 1 §19.2), all others in the role USER. */
  readonly isAdministered: boolean;
  readonly request: TpmCodec<Q>;
  /** Whether it answers with a handle before the parameters. */
  readonly answersHandle: boolean;
  readonly response: TpmCodec<S>;
  /** Where the first parameter, always one with its length before it, is nobody's but the TPM's to read. */
  readonly secret: { readonly request: boolean; readonly response: boolean };
  /** Whether the first parameter of the request, secret or not, has its length before it. */
  readonly canHide: boolean;
  /** Whether the TPM may search for primes meanwhile. */
  readonly slow: boolean;
}

/** What has to be said of a command; the rest is as most of them have it. */
export type CommandShape<Q extends object, S extends object> = Pick<TpmCommand<Q, S>, 'name' | 'code'> &
  Partial<TpmCommand<Q, S>>;

/** Both parameters may be read by all. */
const OPEN = { request: false, response: false } as const;
/** The first parameter of the request is secret. */
export const HIDES_REQUEST = { request: true, response: false } as const;
/** The first parameter of the response is secret. */
export const HIDES_RESPONSE = { request: false, response: true } as const;

/** A command of this shape. */
export function command<Q extends object, S extends object>(shape: CommandShape<Q, S>): TpmCommand<Q, S> {
  return Object.freeze({
    handles: [],
    auths: 0,
    isAdministered: false,
    request: nothing as unknown as TpmCodec<Q>,
    answersHandle: false,
    response: nothing as unknown as TpmCodec<S>,
    secret: OPEN,
    canHide: false,
    slow: false,
    ...shape,
  });
}

/** The longest command and response, in bytes; no TPM that is known has longer ones. */
export const frameMost = 4096;

const HEADER = 10;

/** The answer to a command, in its parts. */
export interface TpmResponse {
  /** TPM_RC: zero when the command was done. */
  readonly code: number;
  readonly handle: number | undefined;
  readonly parameters: Uint8Array;
  /** The authorization area: empty where the command had none. */
  readonly authorization: Uint8Array;
}

/** The bytes of a command. */
export function encodeCommand(
  code: number,
  handles: readonly number[],
  authorization: Uint8Array,
  parameters: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const isAuthorized = authorization.length > 0;
  const area = isAuthorized ? concat(encodeTpm(u32, authorization.length), authorization) : authorization;
  const frame = new Uint8Array(HEADER + 4 * handles.length + area.length + parameters.length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, isAuthorized ? structureTag.sessions : structureTag.noSessions);
  view.setUint32(2, frame.length);
  view.setUint32(6, code);
  for (const [at, handle] of handles.entries()) view.setUint32(HEADER + 4 * at, handle);
  frame.set(area, HEADER + 4 * handles.length);
  frame.set(parameters, frame.length - parameters.length);
  return frame;
}

/** How long the response is that begins with `head`; undefined before it can be said. Throws `MALFORMED`. */
export function responseLength(head: Uint8Array): number | undefined {
  if (head.length < 6) return undefined;
  const input = new TpmReader(viewOf(head, 2, 6), 'tpm.response.size');
  const length = input.unsigned(4);
  if (length < HEADER || length > frameMost) throw input.malformed('a response of a length that is none');
  return length;
}

/** Takes a response apart. Throws `MALFORMED`. */
export function decodeResponse(bytes: Uint8Array, answersHandle: boolean): TpmResponse {
  const input = new TpmReader(bytes, 'tpm.response');
  const tag = input.unsigned(2);
  if (input.unsigned(4) !== bytes.length)
    throw input.malformed('the response has another length than it says');
  const code = input.unsigned(4);
  const nothing = new Uint8Array();
  if (code !== 0) {
    input.end();
    return { code, handle: undefined, parameters: nothing, authorization: nothing };
  }
  const handle = answersHandle ? input.unsigned(4) : undefined;
  if (tag === structureTag.noSessions) {
    return { code, handle, parameters: input.bytes(input.left), authorization: nothing };
  }
  if (tag !== structureTag.sessions) throw input.malformed('not the tag of a response');
  const parameters = input.bytes(input.length(4, frameMost));
  return { code, handle, parameters, authorization: input.bytes(input.left) };
}
