/**
 * CRC32C, by which the service and its callers vouch for what crosses the network, in both directions.
 *
 * @module
 */
import crc32c from 'crc-32/crc32c.js';
import { decodeBase64 } from '../../encoding/base64.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import type { Int64Value } from './calls.ts';

/** An answer, of which nothing is known but that its fields may be missing. */
export type Fields = Readonly<Record<string, unknown>>;

/** The checksum: Castagnoli's, as an unsigned number (RFC 3720 §12.1). */
export function crc32cOf(bytes: Uint8Array): number {
  return crc32c.buf(bytes) >>> 0;
}

/** Fields of a request, each with its checksum beside it. */
export function withChecksums(sent: Readonly<Record<string, Uint8Array>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(sent).flatMap(([field, bytes]) => [
      [field, bytes],
      [`${field}Crc32c`, { value: crc32cOf(bytes) }],
    ]),
  );
}

/** Throws `UNAVAILABLE` unless the service says of each field that it received what was sent. */
export function checkReceived(answer: Fields, sent: readonly string[], details: FailureDetails): void {
  for (const field of sent) {
    const verified = `verified${field.charAt(0).toUpperCase()}${field.slice(1)}Crc32c`;
    if (answer[verified] !== true) throw notVouchedFor(`gcpkms.${verified}`, details);
  }
}

/** Bytes of an answer whose checksum is there and right. Throws `UNAVAILABLE` otherwise. */
export function checkedBytes(
  answer: Fields,
  field: string,
  details: FailureDetails,
  checksum = `${field}Crc32c`,
): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(answer[field]);
  if (bytes !== undefined && isRight(answer[checksum], bytes)) return bytes;
  throw notVouchedFor(`gcpkms.${checksum}`, details);
}

/** Whether a checksum is there, which is more than zero in its place, and is that of the bytes. */
function isRight(checksum: unknown, bytes: Uint8Array): boolean {
  if (typeof checksum !== 'object' || checksum === null) return false;
  const { value } = checksum as Exclude<Int64Value, null | undefined>;
  // int64 comes as text, as a number or as an object of either; of a zero only the wrapper may be left.
  return Number(String(value ?? 0)) === crc32cOf(bytes);
}

/** gRPC has bytes, and JSON has base64. */
function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  return typeof value === 'string' ? decodeBase64(value, 'gcpkms') : undefined;
}

function notVouchedFor(field: string, details: FailureDetails): Failure<'UNAVAILABLE'> {
  const message = 'what was sent or received was changed on the way';
  return new Failure('UNAVAILABLE', message, { ...details, field, check: 'crc32c' });
}
