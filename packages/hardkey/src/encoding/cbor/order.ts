/**
 * The order of map keys: bytewise, of their encodings (RFC 8949 §4.2.1).
 *
 * @module
 */

/** Compares `bytes.subarray(a, aEnd)` with `bytes.subarray(b, bEnd)` where they stand. A prefix comes first. */
export function compareRanges(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): number {
  const shared = Math.min(aEnd - a, bEnd - b);
  for (let i = 0; i < shared; i++) {
    const difference = (bytes[a + i] ?? 0) - (bytes[b + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aEnd - a - (bEnd - b);
}
