/**
 * The cryptography of sessions, by node:crypto.
 *
 * @module
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  createPublicKey,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { encodeBase64url } from '../../encoding/base64.ts';
import { concat } from '../../encoding/bytes.ts';
import { encodeTpm, u32 } from '../../protocols/tpm/codec.ts';
import type { TpmCrypto } from '../../protocols/tpm/crypto.ts';
import { coordinateBytes } from '../../protocols/tpm/identifiers.ts';
import { padded } from '../../protocols/tpm/public-key.ts';

const HASHES = { 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' } as const;
const CURVES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' } as const;

/** See {@link TpmCrypto}. */
export const nodeCrypto: TpmCrypto = Object.freeze({
  hash(hash, ...parts) {
    const made = createHash(HASHES[hash]);
    for (const part of parts) made.update(part);
    return made.digest();
  },
  hmac(hash, key, ...parts) {
    // Not by a key object, which is faster: it keeps a copy until the garbage collector comes by.
    const made = createHmac(HASHES[hash], key);
    for (const part of parts) made.update(part);
    return made.digest();
  },
  aesCfb(direction, key, iv, data) {
    const name = `aes-${8 * key.length}-cfb`;
    const cipher = direction === 'encrypt' ? createCipheriv(name, key, iv) : createDecipheriv(name, key, iv);
    return concat(cipher.update(data), cipher.final());
  },
  randomBytes: (length) => randomBytes(length),
  isEqual: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  ecdh(curve, peer) {
    const width = coordinateBytes[curve];
    const own = createECDH(CURVES[curve]);
    const point = own.generateKeys();
    const z = own.computeSecret(concat(Uint8Array.of(4), padded(peer.x, width), padded(peer.y, width)));
    return { point: { x: point.subarray(1, 1 + width), y: point.subarray(1 + width) }, z };
  },
  rsaOaep({ modulus, exponent }, hash, label, message) {
    const numbers = { n: encodeBase64url(modulus), e: encodeBase64url(encodeTpm(u32, exponent)) };
    const key = createPublicKey({ key: { kty: 'RSA', ...numbers }, format: 'jwk' });
    return publicEncrypt({ key, oaepHash: HASHES[hash], oaepLabel: label }, message);
  },
} satisfies TpmCrypto);
