/**
 * The three texts of a JWS (RFC 7515 §7): their parts, as they stand there.
 *
 * @module
 */
import {
  isJsonObject,
  isList,
  isText,
  type JsonObject,
  member,
  parseJsonObject,
} from '../../core/trust/strict-json.ts';
import { decodeBase64url } from '../../encoding/base64.ts';
import { Failure } from '../../errors.ts';

/** How a JWS is written. */
export type JwsForm = 'compact' | 'flattened' | 'general';

/** One signature. Nothing in it is verified. */
export interface SignatureText {
  /** The encoded protected header. */
  readonly protectedText: string;
  readonly unprotected: JsonObject;
  readonly signature: Uint8Array;
  /** Where it stands, for failures: `jws` or `jws.signatures.N`. */
  readonly field: string;
}

/** A JWS in its parts. Nothing in it is verified. */
export interface JwsText {
  readonly form: JwsForm;
  /** As it is written; absent from JSON, or empty in compact text, when it is detached. */
  readonly payload?: string;
  readonly signatures: readonly SignatureText[];
}

/** What a signer made. */
export interface WrittenSignature {
  readonly protected: string;
  readonly header?: JsonObject;
  readonly signature: string;
}

/** The most signatures that are written or read. */
export const maxSignatures = 16;

/** The longest text that is read unless the caller says otherwise. */
const maxJwsLength = 2 ** 27;

const FIELD = 'jws';
const NOTHING: JsonObject = Object.freeze({});

/** Takes a JWS apart. Throws `MALFORMED`, field `jws…`. */
export function parseJws(text: string, maxTextLength: number = maxJwsLength): JwsText {
  if (text.length > maxTextLength) throw malformed('the text is too long');
  return /^[ \t\r\n]*\{/.test(text) ? parseJson(parseJsonObject(text, FIELD)) : parseCompact(text);
}

/** RFC 7515 §7.1. Nothing stands before, between or after the parts. */
export function parseCompact(text: string): JwsText {
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first < 0 || second < 0 || text.includes('.', second + 1)) {
    throw malformed('not three parts with dots between them');
  }
  const signature = decodeBase64url(text.slice(second + 1), `${FIELD}.signature`);
  const protectedText = text.slice(0, first);
  return {
    form: 'compact',
    payload: text.slice(first + 1, second),
    signatures: [{ protectedText, unprotected: NOTHING, signature, field: FIELD }],
  };
}

/** Writes a JWS. The payload is absent when it is detached; `general` is the form of any number of signatures. */
export function formatJws(
  form: JwsForm,
  payload: string | undefined,
  signatures: readonly WrittenSignature[],
): string {
  const content = payload === undefined ? {} : { payload };
  if (form === 'general') return JSON.stringify({ ...content, signatures });
  const [one] = signatures as readonly [WrittenSignature];
  if (form === 'flattened') return JSON.stringify({ ...content, ...one });
  return `${one.protected}.${payload ?? ''}.${one.signature}`;
}

const OF_ONE = ['protected', 'header', 'signature'];

/** RFC 7515 §7.2. Other members are passed over, as it says. */
function parseJson(object: JsonObject): JwsText {
  const payload = member(object, 'payload', isText, FIELD);
  const content = payload === undefined ? {} : { payload };
  const several = member(object, 'signatures', isList, FIELD);
  if (several === undefined) return { form: 'flattened', ...content, signatures: [parseOne(object, FIELD)] };
  // §7.2.2: the two forms exclude each other; readers that look for one of them would differ.
  if (OF_ONE.some((name) => Object.hasOwn(object, name))) {
    throw malformed('both general and flattened', 'signatures');
  }
  if (several.length === 0) throw malformed('there are no signatures', 'signatures');
  if (several.length > maxSignatures) throw malformed('there are too many signatures', 'signatures');
  return { form: 'general', ...content, signatures: several.map(parseEach) };
}

function parseEach(value: unknown, index: number): SignatureText {
  const field = `${FIELD}.signatures.${index}`;
  if (isJsonObject(value)) return parseOne(value, field);
  throw new Failure('MALFORMED', 'a signature is an object', { field });
}

function parseOne(object: JsonObject, field: string): SignatureText {
  const protectedText = member(object, 'protected', isText, field);
  const unprotected = member(object, 'header', isJsonObject, field) ?? NOTHING;
  const signature = member(object, 'signature', isText, field);
  if (signature === undefined) {
    throw new Failure('MALFORMED', 'there is no signature', { field: `${field}.signature` });
  }
  // Everything a verifier acts on is protected here, the algorithm first of all.
  if (protectedText === undefined) {
    throw new Failure('MALFORMED', 'there is no protected header', { field: `${field}.alg` });
  }
  return {
    protectedText,
    unprotected,
    signature: decodeBase64url(signature, `${field}.signature`),
    field,
  };
}

function malformed(message: string, name?: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: name === undefined ? FIELD : `${FIELD}.${name}` });
}
