/**
 * The payload: encoded or not (RFC 7797), attached or detached (RFC 7515 appendix F).
 *
 * @module
 */
import { decodeBase64url, encodeBase64url } from '../../encoding/base64.ts';
import { concat, fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { Failure, invalid, isFailure } from '../../errors.ts';
import type { JwsForm, JwsText } from './serialization.ts';

/** A payload, and the text of it that is in the document or would be. */
export interface Payload {
  readonly bytes: Uint8Array;
  /** The base64url of it; absent when it is signed as it is. */
  readonly encoded?: string;
}

/** The payload to be written. Throws `MALFORMED`, field `jws.payload`, for one that nobody would read encoded. */
export function payloadOf(bytes: Uint8Array, unencoded: boolean): Payload {
  if (unencoded) return { bytes };
  if (bytes.length <= maxPayloadLength) return { bytes, encoded: encodeBase64url(bytes) };
  throw new Failure('MALFORMED', 'the payload is too long to be encoded', { field: 'jws.payload' });
}

/** What is written is read without asking for a larger limit: that is twice as long. */
const maxPayloadLength = 2 ** 26;

/**
 * The payload of a document, or the detached one that the caller brings. Throws `MALFORMED`, field
 * `jws.payload`, and `ARGUMENT_INVALID` where it is both attached and given, or neither.
 */
export function readPayload(
  { form, payload }: JwsText,
  unencoded: boolean,
  given: Uint8Array | undefined,
): Payload {
  // In compact text a payload of no bytes and one that is elsewhere look the same.
  const attached = payload === undefined || (payload === '' && form === 'compact') ? undefined : payload;
  if (attached !== undefined && given !== undefined) throw invalid('the payload is attached', 'payload');
  if (given !== undefined) return payloadOf(given, unencoded);
  if (payload === undefined) throw invalid('the payload is detached and was not given', 'payload');
  if (!unencoded) return { bytes: decodeBase64url(payload, 'jws.payload'), encoded: payload };
  const right = form === 'compact' ? isPlainText(payload) : payload.isWellFormed();
  if (right) return { bytes: utf8(payload) };
  throw new Failure('MALFORMED', 'the payload cannot stand there unencoded', { field: 'jws.payload' });
}

/** The text of an attached payload. Throws `ARGUMENT_INVALID` for what the form cannot hold unencoded. */
export function attachedText({ bytes, encoded }: Payload, form: JwsForm): string {
  if (encoded !== undefined) return encoded;
  const text = textOf(bytes);
  if (text !== undefined && (form !== 'compact' || isPlainText(text))) return text;
  throw invalid('the payload cannot stand there unencoded: detach it', 'payload');
}

/** The bytes that are signed (RFC 7515 §5.1, RFC 7797 §3). */
export function signingInput(protectedText: string, { bytes, encoded }: Payload): Uint8Array {
  if (encoded !== undefined) return utf8(`${protectedText}.${encoded}`);
  return concat(utf8(`${protectedText}.`), bytes);
}

/** RFC 7797 §5.2: printable ASCII, and no dot. */
function isPlainText(text: string): boolean {
  return /^[\x20-\x2d\x2f-\x7e]*$/.test(text);
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes);
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) return undefined;
    throw error;
  }
}
