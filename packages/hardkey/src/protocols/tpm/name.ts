/**
 * The name of an object: what it is, in a few bytes (Part 1 §16).
 *
 * @module
 */
import { concat } from '../../encoding/bytes.ts';
import { encodeTpm, u32 } from './codec.ts';
import { hash, type TpmHash } from './identifiers.ts';
import { type PublicArea, publicArea } from './public-area.ts';

/** The name of an object with this public area, given the digest that `nameAlg` makes of its bytes. */
export function objectName(
  area: PublicArea,
  digest: (hash: TpmHash, bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  return concat(encodeTpm(hash, area.nameAlg), digest(area.nameAlg, encodeTpm(publicArea, area)));
}

/** The name of what has no public area: hierarchies, registers and sessions are named by their handle. */
export function handleName(handle: number): Uint8Array {
  return encodeTpm(u32, handle);
}
