/**
 * Floating-point numbers of 16, 32 and 64 bits (RFC 8949 §3.3). Half precision is done here, because
 * the engines do not all have it yet.
 *
 * @module
 */

/** The number of `size` bytes (2, 4 or 8) at `at`, which must be there. */
export function readFloat(bytes: Uint8Array, at: number, size: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  if (size === 2) return fromHalf(view.getUint16(0));
  return size === 4 ? view.getFloat32(0) : view.getFloat64(0);
}

/** The shortest encoding that keeps the number (RFC 8949 §4.1), first byte included; NaN is 7e00. */
export function encodeFloat(value: number): Uint8Array<ArrayBuffer> {
  const half = toHalf(value);
  if (half !== undefined) return Uint8Array.of(0xf9, half >> 8, half & 0xff);
  const isSingle = Math.fround(value) === value;
  const out = new Uint8Array(isSingle ? 5 : 9);
  const view = new DataView(out.buffer);
  out[0] = isSingle ? 0xfa : 0xfb;
  if (isSingle) view.setFloat32(1, value);
  else view.setFloat64(1, value);
  return out;
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The 16 bits of a number that half precision holds exactly, `undefined` for another. */
function toHalf(value: number): number | undefined {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size >= 2 ** 16) return undefined;
  if (size < 2 ** -14) {
    const steps = size / 2 ** -24;
    return Number.isInteger(steps) ? sign | steps : undefined;
  }
  // The logarithm of a number just below a power of two may be rounded up. Such a number has more
  // digits than half precision: its fraction is no integer either way.
  const exponent = Math.floor(Math.log2(size));
  const fraction = (size / 2 ** exponent - 1) * 1024;
  return Number.isInteger(fraction) ? sign | ((exponent + 15) << 10) | fraction : undefined;
}
