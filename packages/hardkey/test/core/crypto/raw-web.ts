// What WebCrypto itself says of Ed25519 signatures, before any check of ours.
import { ownBytes } from '../../../src/encoding/bytes.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import type { Case } from './cases.ts';

/** In the order of the cases. */
export async function run(cases: readonly Case[]): Promise<readonly (boolean | 'refused')[]> {
  return Promise.all(cases.map(verdict));
}

async function verdict({ key, message, signature }: Case): Promise<boolean | 'refused'> {
  const raw = ownBytes(decodeHex(key.replace('ed25519:', '')));
  try {
    const native = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', native, hex(signature), hex(message));
  } catch {
    // Every runtime has its own words for a key that it does not take.
    return 'refused';
  }
}

function hex(text: string): Uint8Array<ArrayBuffer> {
  return ownBytes(decodeHex(text));
}
