/**
 * CBOR (RFC 8949): deterministic out, bounded and strict in.
 *
 * @module
 */
export { decodeCbor, decodeCborEntries } from './decode.ts';
export { encodeCbor } from './encode.ts';
export type { CborLimits } from './limits.ts';
export { type CborEntry, CborReader } from './reader.ts';
export { CborEncoded, CborFloat, type CborMap, CborSimple, CborTag, type CborValue } from './value.ts';
