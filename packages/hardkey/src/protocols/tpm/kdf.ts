/**
 * The two key derivations of TPM 2.0 (Part 1 §11.4.10).
 *
 * @module
 */
import { join, utf8 } from '../../encoding/bytes.ts';
import { encodeTpm, u32 } from './codec.ts';
import type { TpmCrypto } from './crypto.ts';
import type { TpmHash } from './identifiers.ts';

/** What a derived key is for, and between whom. */
export interface KdfInput {
  readonly hash: TpmHash;
  readonly label: string;
  readonly contextU: Uint8Array;
  readonly contextV: Uint8Array;
  readonly bits: number;
}

/** KDFa (§11.4.10.2): SP 800-108 in counter mode, with HMAC. */
export function kdfa(crypto: TpmCrypto, key: Uint8Array, input: KdfInput): Uint8Array {
  const tail = [terminated(input.label), input.contextU, input.contextV, encodeTpm(u32, input.bits)];
  return derive(input.bits, (counter) => crypto.hmac(input.hash, key, counter, ...tail));
}

/** KDFe (§11.4.10.3): SP 800-56A, of the x that two keys share. */
export function kdfe(crypto: TpmCrypto, z: Uint8Array, input: KdfInput): Uint8Array {
  const tail = [z, terminated(input.label), input.contextU, input.contextV];
  return derive(input.bits, (counter) => crypto.hash(input.hash, counter, ...tail));
}

function derive(bits: number, block: (counter: Uint8Array) => Uint8Array): Uint8Array {
  const length = Math.ceil(bits / 8);
  const blocks: Uint8Array[] = [];
  for (let have = 0, counter = 1; have < length; counter++) {
    const next = block(encodeTpm(u32, counter));
    blocks.push(next);
    have += next.length;
  }
  const key = (blocks.length === 1 ? (blocks[0] ?? new Uint8Array()) : join(blocks)).slice(0, length);
  // §11.4.10.2: the bits beyond a length that is no whole number of bytes are the highest of the first.
  if (bits % 8 !== 0) key[0] = (key[0] ?? 0) & (2 ** (bits % 8) - 1);
  return key;
}

/** §11.4.10.2: a label ends with a zero byte. */
function terminated(label: string): Uint8Array {
  return utf8(`${label}\0`);
}
