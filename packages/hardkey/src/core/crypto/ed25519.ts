/**
 * One verdict on Ed25519 everywhere.
 *
 * OpenSSL 3.0, OpenSSL 3.5, libsodium and browsers disagree about signatures under keys of small
 * order and about encodings that are not canonical. These checks decide before any of them is asked.
 *
 * @module
 */
import { decodeHex } from '../../encoding/hex.ts';

/** The order L of the base point, little-endian (RFC 8032 §5.1). */
const ORDER = decodeHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
/** The bit of a point's last byte that is the sign of x (RFC 8032 §5.1.2). */
const SIGN = 0x80;
/** The field prime 2^255 − 19, little-endian. */
const PRIME = decodeHex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');

/**
 * The y coordinates of the eight points of small order, little-endian, without the sign bit. Those
 * of order 1 and 2 have x = 0, so both signs of them are covered by leaving the sign out.
 */
const SMALL_ORDER: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => decodeHex(hex));

/** Whether 32 bytes are the one encoding of a point that is not of small order. */
export function isEd25519Point(point: Uint8Array): boolean {
  return point.length === 32 && isPoint(point);
}

/** The same of the first 32 bytes, with nothing copied: it runs once a verification. */
function isPoint(bytes: Uint8Array): boolean {
  // RFC 8032 §5.1.3: a y that is not below the prime is another encoding of a smaller one.
  if (!below(bytes, 0, SIGN, PRIME)) return false;
  return !SMALL_ORDER.some((small) => isSame(bytes, small));
}

/** Whether R is an encoding {@link isEd25519Point} accepts and S is below the order (RFC 8032 §5.1.7). */
export function isEd25519Signature(signature: Uint8Array): boolean {
  return signature.length === 64 && isPoint(signature) && below(signature, 32, 0, ORDER);
}

/** Whether the little-endian number of 32 bytes at `start`, without the highest bits of `mask`, is smaller. */
function below(bytes: Uint8Array, start: number, mask: number, bound: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = ((bytes[start + i] ?? 0) & (i === 31 ? ~mask : 0xff)) - (bound[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Whether 32 bytes are a y, whatever the sign of x. */
function isSame(bytes: Uint8Array, y: Uint8Array): boolean {
  for (let i = 0; i < 31; i++) if (bytes[i] !== y[i]) return false;
  return ((bytes[31] ?? 0) & ~SIGN) === y[31];
}
