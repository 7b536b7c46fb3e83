/**
 * CRC32C, by which Google's service and its clients vouch for what crosses the network.
 *
 * @module
 */
import crc32c from 'crc-32/crc32c.js';

/** The checksum as an unsigned number. */
export function crc32cOf(bytes: Uint8Array): number {
  return crc32c.buf(bytes) >>> 0;
}
