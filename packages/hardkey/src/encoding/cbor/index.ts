/**
 * CBOR (RFC 8949): deterministic out, bounded and strict in.
 *
 * @module
 */
export { decodeCbor, decodeCborEntries } from './decode.ts';
export { encodeCbor } from './encode.ts';
export { type CborEntry, type CborLimits, CborReader } from './reader.ts';
export { CborEncoded, CborFloat, type CborMap, CborSimple, CborTag, type CborValue } from './value.ts';
