/**
 * Text that only somebody who can open the store has written: a line of JSON, and a line with the
 * HMAC-SHA-256 of `hardkey/file-store/v1/KIND`, a zero byte and that JSON, in hexadecimal. In a store
 * without a passphrase the second line is `none`: there is no secret to authenticate with.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type JsonObject, parseJsonObject } from '../../core/trust/strict-json.ts';
import { fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../encoding/hex.ts';
import { Failure, isFailure } from '../../errors.ts';

/** What the text is: one kind does not stand in for another. */
export type AuthenticKind = 'record' | 'index';

/** The key that authenticates; absent in a store without a passphrase. */
export type RecordKey = Uint8Array | undefined;

/** Writes such a text. */
export function encodeAuthentic(kind: AuthenticKind, value: object, key: RecordKey): Uint8Array {
  const json = JSON.stringify(value);
  return utf8(`${json}\n${key === undefined ? 'none' : encodeHex(code(kind, json, key))}\n`);
}

/**
 * Reads one. Throws `VERIFICATION_FAILED`, check `store.record` or `store.index`, unless it was written
 * with this key, and what is then no JSON object is `MALFORMED`.
 */
export function decodeAuthentic(
  kind: AuthenticKind,
  bytes: Uint8Array,
  key: RecordKey,
  path: string,
): JsonObject {
  const [json = '', written = '', rest] = textOf(kind, bytes, path).split('\n');
  if (rest !== '' || !isAuthentic(kind, json, written, key)) throw changed(kind, path);
  return parseJsonObject(json, `store.${kind}`);
}

/** What was written, and not by somebody who can open the store, or not for this place. */
export function changed(kind: AuthenticKind, path: string, cause?: unknown): Failure<'VERIFICATION_FAILED'> {
  const what = kind === 'record' ? 'the record of the key' : 'the index of the store';
  return new Failure(
    'VERIFICATION_FAILED',
    `${what} was changed outside the store`,
    { check: `store.${kind}`, path },
    cause,
  );
}

function textOf(kind: AuthenticKind, bytes: Uint8Array, path: string): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw isFailure(cause, 'MALFORMED') ? changed(kind, path, cause) : cause;
  }
}

function isAuthentic(kind: AuthenticKind, json: string, written: string, key: RecordKey): boolean {
  if (key === undefined) return written === 'none';
  return /^[0-9a-f]{64}$/.test(written) && timingSafeEqual(decodeHex(written), code(kind, json, key));
}

function code(kind: AuthenticKind, json: string, key: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(`hardkey/file-store/v1/${kind}\0`).update(json).digest();
}
