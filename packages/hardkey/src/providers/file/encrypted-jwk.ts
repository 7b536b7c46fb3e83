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
import { decodeBase64url, encodeBase64url } from '../../encoding/base64.ts';
import { concat, fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { Failure, isFailure } from '../../errors.ts';
import { ROUNDS } from './pbes2.ts';

const ALGORITHM = 'PBES2-HS512+A256KW';
const MOST_ROUNDS = 20_000_000;
const TAG_LENGTH = 16;

const derive = promisify(pbkdf2);

/** A JWK of type oct. */
export interface SecretJwk {
  readonly kty: 'oct';
  readonly k: string;
  readonly kid: string;
}

interface Header {
  readonly alg: string;
  readonly enc: string;
  readonly cty: string;
  readonly p2s: string;
  readonly p2c: number;
}

/** Encrypts a key under a passphrase. */
export async function encryptJwk(jwk: SecretJwk, passphrase: Uint8Array): Promise<Uint8Array> {
  const salt = randomBytes(16);
  const header: Header = {
    alg: ALGORITHM,
    enc: 'A256GCM',
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
  const ciphertext = concat(cipher.update(utf8(JSON.stringify(jwk))), cipher.final());
  contentKey.fill(0);
  const parts = [wrapped, iv, ciphertext, cipher.getAuthTag()].map((part) => encodeBase64url(part));
  return utf8([protectedText, ...parts].join('.'));
}

/** Decrypts a key. `DENIED` when the passphrase is wrong, or the key was changed: they look alike. */
export async function decryptJwk(jwe: Uint8Array, passphrase: Uint8Array): Promise<SecretJwk> {
  const [protectedText = '', ...rest] = fromUtf8(jwe, 'store').split('.');
  const [wrapped, iv, ciphertext, tag] = rest.map((part) => decodeBase64url(part, 'store'));
  if (rest.length !== 4 || !wrapped || !iv || !ciphertext || tag?.length !== TAG_LENGTH) throw malformed();
  const { alg, enc, p2s, p2c } = parse<Header>(decodeBase64url(protectedText, 'store'));
  const known = alg === ALGORITHM && enc === 'A256GCM' && typeof p2s === 'string';
  if (!known || !(p2c >= 1000 && p2c <= MOST_ROUNDS)) throw malformed();
  try {
    const key = await wrappingKey(passphrase, decodeBase64url(p2s, 'store'), p2c);
    const decipher = createDecipheriv('aes-256-gcm', await unwrapWithBytes(key, wrapped), iv);
    decipher.setAAD(utf8(protectedText));
    decipher.setAuthTag(tag);
    return parse<SecretJwk>(concat(decipher.update(ciphertext), decipher.final()));
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) throw error;
    throw new Failure('DENIED', 'the passphrase does not open the store', { field: 'passphrase' });
  }
}

/** RFC 7518 §4.8.1.1: the salt of PBKDF2 is the name of the algorithm, a zero byte and `p2s`. */
async function wrappingKey(passphrase: Uint8Array, salt: Uint8Array, rounds: number): Promise<Uint8Array> {
  return derive(passphrase, concat(utf8(ALGORITHM), Uint8Array.of(0), salt), rounds, 32, 'sha512');
}

function parse<T>(bytes: Uint8Array): T {
  try {
    return JSON.parse(fromUtf8(bytes)) as T;
  } catch {
    throw malformed();
  }
}

function malformed(): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'not an encrypted key of this store', { field: 'store' });
}
