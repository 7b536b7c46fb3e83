/**
 * CBOR (RFC 8949): deterministic out, bounded and strict in.
 *
 * @module
 */
export { type CborEntry, type CborLimits, CborReader, decodeCbor, decodeCborEntries } from './decode.ts';
export { byteStringHead, encodeCbor } from './encode.ts';
export { CborEncoded, CborFloat, type CborMap, CborSimple, CborTag, type CborValue } from './value.ts';
