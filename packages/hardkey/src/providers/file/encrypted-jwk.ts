/**
 * Symmetric keys as encrypted JWK (RFC 7517 §7): a compact JWE, PBES2-HS512+A256KW (RFC 7518 §4.8) and
 * A256GCM.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { randomBytes } from '#crypto';
import { unwrapWithBytes, wrapWithBytes } from '../../core/content-keys.ts';
import { isText, member, parseJsonObject } from '../../core/trust/strict-json.ts';
import { encodeBase64url } from '../../encoding/base64.ts';
import { concat, fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import { ALGORITHM, ENCRYPTION, type Jwe, parseJwe } from './jwe.ts';
import { wrongPassphrase } from './passphrase.ts';
import { ROUNDS } from './pbes2.ts';

const derive = promisify(pbkdf2);

/** A JWK of type oct (RFC 7518 §6.4). */
export interface SecretJwk {
  readonly kid: string;
  /** The bytes in base64url. */
  readonly k: string;
}

/** Encrypts a key under a passphrase. */
export async function encryptJwk(jwk: SecretJwk, passphrase: Uint8Array): Promise<Uint8Array> {
  const salt = randomBytes(16);
  const header = {
    alg: ALGORITHM,
    enc: ENCRYPTION,
    cty: 'jwk+json',
    p2s: encodeBase64url(salt),
    p2c: ROUNDS,
  };
  const protectedText = encodeBase64url(utf8(JSON.stringify(header)));
  const contentKey = randomBytes(32);
  const wrapped = await wrapWithBytes(await wrappingKey(passphrase, salt, ROUNDS), contentKey);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv);
  cipher.setAAD(utf8(protectedText));
  const ciphertext = concat(cipher.update(encodeJwk(jwk)), cipher.final());
  contentKey.fill(0);
  const parts = [wrapped, iv, ciphertext, cipher.getAuthTag()].map((part) => encodeBase64url(part));
  return utf8([protectedText, ...parts].join('.'));
}

/**
 * Decrypts a key. `DENIED` when the passphrase is wrong, or the key was changed: they look alike.
 * `UNSUPPORTED` for another algorithm, and `MALFORMED` for what is no encrypted JWK.
 */
export async function decryptJwk(bytes: Uint8Array, passphrase: Uint8Array): Promise<SecretJwk> {
  const jwe = parseJwe(fromUtf8(bytes, 'jwe'));
  const key = await wrappingKey(passphrase, jwe.salt, jwe.rounds);
  const plaintext = await decrypt(jwe, key);
  try {
    return decodeJwk(plaintext);
  } finally {
    plaintext.fill(0);
  }
}

/** A key as JWK, as it stands in a store without a passphrase. */
export function encodeJwk({ kid, k }: SecretJwk): Uint8Array {
  return utf8(JSON.stringify({ kty: 'oct', kid, k }));
}

/** Reads one. Throws `MALFORMED`, and never with a word of what it read. */
export function decodeJwk(bytes: Uint8Array): SecretJwk {
  const jwk = parseJsonObject(fromUtf8(bytes, 'jwk'), 'jwk');
  const [kty, kid, k] = ['kty', 'kid', 'k'].map((name) => member(jwk, name, isText, 'jwk'));
  if (kty === 'oct' && kid !== undefined && k !== undefined) return { kid, k };
  throw new Failure('MALFORMED', 'not a JWK of a symmetric key with an id', { field: 'jwk' });
}

async function decrypt(jwe: Jwe, key: Uint8Array): Promise<Uint8Array> {
  const { wrapped, iv, ciphertext, tag, protectedText } = jwe;
  try {
    const contentKey = await unwrapWithBytes(key, wrapped);
    const decipher = createDecipheriv('aes-256-gcm', contentKey, iv);
    decipher.setAAD(utf8(protectedText));
    decipher.setAuthTag(tag);
    return concat(decipher.update(ciphertext), decipher.final());
  } catch {
    // The only two causes: neither key nor tag fit. Which of them it was says nothing.
    throw wrongPassphrase();
  }
}

/** RFC 7518 §4.8.1.1: the salt of PBKDF2 is the name of the algorithm, a zero byte and `p2s`. */
async function wrappingKey(passphrase: Uint8Array, salt: Uint8Array, rounds: number): Promise<Uint8Array> {
  return derive(passphrase, concat(utf8(ALGORITHM), Uint8Array.of(0), salt), rounds, 32, 'sha512');
}
