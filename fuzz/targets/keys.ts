/**
 * Keys that are the same in every run, so that an input found in one is found in the next.
 *
 * @module
 */

import type { Algorithm } from '../../packages/hardkey/src/core/algorithms.ts';
import type { Key } from '../../packages/hardkey/src/core/key.ts';
import { keyRef } from '../../packages/hardkey/src/core/key-ref.ts';
import type {
  Aead,
  KeyAgreement,
  KeyWrapper,
  Mac,
  Signer,
} from '../../packages/hardkey/src/core/operations.ts';
import { Secret } from '../../packages/hardkey/src/core/secret.ts';
import { createTrust, type Trust } from '../../packages/hardkey/src/core/trust/trust.ts';
import { concat } from '../../packages/hardkey/src/encoding/bytes.ts';
import { decodeHex } from '../../packages/hardkey/src/encoding/hex.ts';
import { memory } from '../../packages/hardkey/src/providers/memory/index.ts';

// RFC 8410 §7: PKCS #8 of an Ed25519 key, before the key itself.
const PKCS8 = decodeHex('302e020100300506032b657004220420');
const PKCS8_X25519 = decodeHex('302e020100300506032b656e04220420');
/** The time at which everything is judged, within that of the seeds. */
export const NOW = new Date('2026-06-01T00:00:00Z');

const provider = memory();
const signing = await load('signing', concat(PKCS8, new Uint8Array(32).fill(7)), 'Ed25519');
const sealing = await load('sealing', new Uint8Array(32).fill(9), 'A256GCM');

/** Signs. Ed25519, so that one message has one signature. */
export const signer: Signer = signing.use('Ed25519');
/** Makes and checks codes. */
export const mac: Mac = (await load('coding', new Uint8Array(32).fill(11), 'HS256')).use('HS256');
const random: Aead = sealing.use('A256GCM');
/** Encrypts and decrypts, always with one nonce: no other use of a key may do so. */
export const aead: Aead = Object.freeze({
  ...random,
  encrypt: (plaintext: Uint8Array, aad: Uint8Array) =>
    random.encrypt(plaintext, aad, { nonce: new Uint8Array(12) }),
});
/** Opens what is wrapped. */
export const wrapper: KeyWrapper = (await load('wrapping', new Uint8Array(16).fill(13), 'A128KW')).use(
  'A128KW',
);
/** Opens what was agreed on. */
export const agreement: KeyAgreement = (
  await load('agreeing', concat(PKCS8_X25519, new Uint8Array(32).fill(15)), 'ECDH-ES+A128KW')
).use('ECDH-ES+A128KW');
/** Trusts the signer and nobody else. */
export const trust: Trust = await createTrust(signer.publicKey);

async function load(label: string, bytes: Uint8Array, algorithm: Algorithm): Promise<Key> {
  const given = { material: new Secret(bytes), algorithm };
  const key = await provider.import?.(keyRef('memory', label), given);
  if (key === undefined) throw new Error('the provider imports no keys');
  return key;
}
