/**
 * The argument in the head of an item (RFC 8949 §3).
 *
 * @module
 */

/**
 * The unsigned integer of `size` bytes (1, 2, 4 or 8) at `at`, which must be there: a number where
 * a number is safe, a bigint above.
 */
export function readArgument(bytes: Uint8Array, at: number, size: number): number | bigint {
  if (size === 1) return bytes[at] ?? 0;
  if (size === 2) return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const high = uint32(bytes, at);
  if (size === 4) return high;
  const low = uint32(bytes, at + 4);
  return high < 2 ** 21 ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low);
}

/** Whether no smaller size holds the argument (RFC 8949 §4.2.1). */
export function isShortest(argument: number | bigint, size: number): boolean {
  return argument >= (size === 1 ? 24 : 2 ** (4 * size));
}

/** What major type 1 means by an argument. */
export function negative(argument: number | bigint): number | bigint {
  if (typeof argument === 'number' && argument < Number.MAX_SAFE_INTEGER) return -1 - argument;
  return -1n - BigInt(argument);
}

function uint32(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return (bytes[at] ?? 0) * 0x100_0000 + low;
}
