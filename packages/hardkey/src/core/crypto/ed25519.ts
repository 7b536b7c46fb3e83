/**
 * One verdict on Ed25519 everywhere.
 *
 * OpenSSL 3.0, OpenSSL 3.5, libsodium and browsers disagree about signatures under keys of small
 * order and about encodings that are not canonical. These checks decide before any of them is asked.
 *
 * @module
 */
import { compareBytes } from '../../encoding/bytes.ts';
import { decodeHex } from '../../encoding/hex.ts';

/** The order L of the base point, little-endian (RFC 8032 §5.1). */
const ORDER = decodeHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
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
  if (point.length !== 32) return false;
  // Not `slice`, which of a Buffer is a view.
  const y = new Uint8Array(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  // RFC 8032 §5.1.3: a y that is not below the prime is another encoding of a smaller one.
  if (!below(y, PRIME)) return false;
  return !SMALL_ORDER.some((small) => compareBytes(small, y) === 0);
}

/** Whether R is an encoding {@link isEd25519Point} accepts and S is below the order (RFC 8032 §5.1.7). */
export function isEd25519Signature(signature: Uint8Array): boolean {
  return (
    signature.length === 64 &&
    isEd25519Point(signature.subarray(0, 32)) &&
    below(signature.subarray(32), ORDER)
  );
}

/** Whether one little-endian number is smaller than another of the same length. */
function below(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = a.length - 1; i >= 0; i--) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
