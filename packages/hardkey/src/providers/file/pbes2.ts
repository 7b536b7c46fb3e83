/**
 * Encrypted PKCS #8 (RFC 5958 §3, RFC 8018 §6.2) under AES-256-CBC, its key derived by PBKDF2 with
 * HMAC-SHA-256 or by scrypt. OpenSSL and Node.js open it.
 *
 * @module
 */
import { createCipheriv, pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { randomBytes } from '#crypto';
import { concat, utf8 } from '../../encoding/bytes.ts';
import { der, derOid, derTag, derUnsigned } from '../../encoding/der.ts';
import { encodePem } from '../../encoding/pem.ts';

/** How the key follows from the passphrase. */
export type Derivation = 'pbkdf2' | 'scrypt';

/** Of a store that does not say. */
export const DEFAULT_DERIVATION: Derivation = 'pbkdf2';

/** What a guess at the passphrase costs: rounds of HMAC-SHA-256. */
export const ROUNDS = 600_000;
/** And of scrypt: the most that OpenSSL gives memory for, 16 MiB. */
const COST = { N: 2 ** 14, r: 8, p: 1 } as const;
const KEY_LENGTH = 32;

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const HMAC_SHA256 = '1.2.840.113549.2.9';
const SCRYPT = '1.3.6.1.4.1.11591.4.11';
const AES_256_CBC = '2.16.840.1.101.3.4.1.42';

const derivePbkdf2 = promisify(pbkdf2);
const deriveScrypt = promisify<Uint8Array, Uint8Array, number, object, Uint8Array>(scrypt);

interface Row {
  readonly derive: (passphrase: Uint8Array, salt: Uint8Array) => Promise<Uint8Array>;
  /** AlgorithmIdentifier of the derivation. */
  readonly identify: (salt: Uint8Array) => Uint8Array;
}

const DERIVATIONS: Readonly<Record<Derivation, Row>> = {
  // RFC 8018 A.2.
  pbkdf2: {
    derive: (passphrase, salt) => derivePbkdf2(passphrase, salt, ROUNDS, KEY_LENGTH, 'sha256'),
    identify: (salt) =>
      identifier(PBKDF2, octets(salt), integer(ROUNDS), sequence(derOid(HMAC_SHA256), der(derTag.null))),
  },
  // RFC 7914 §7.
  scrypt: {
    derive: (passphrase, salt) => deriveScrypt(passphrase, salt, KEY_LENGTH, COST),
    identify: (salt) => identifier(SCRYPT, octets(salt), integer(COST.N), integer(COST.r), integer(COST.p)),
  },
};

/** Whether a value names one. */
export function isDerivation(value: unknown): value is Derivation {
  return typeof value === 'string' && Object.hasOwn(DERIVATIONS, value);
}

/** PEM `ENCRYPTED PRIVATE KEY` of a PKCS #8 key. */
export async function encryptPkcs8(
  pkcs8: Uint8Array,
  passphrase: Uint8Array,
  derivation: Derivation,
): Promise<Uint8Array> {
  const { derive, identify } = DERIVATIONS[derivation];
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const key = await derive(passphrase, salt);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const ciphertext = concat(cipher.update(pkcs8), cipher.final());
  key.fill(0);
  const scheme = sequence(derOid(AES_256_CBC), octets(iv));
  const encrypted = sequence(identifier(PBES2, identify(salt), scheme), octets(ciphertext));
  return utf8(encodePem('ENCRYPTED PRIVATE KEY', encrypted));
}

function identifier(oid: string, ...parameters: readonly Uint8Array[]): Uint8Array {
  return sequence(derOid(oid), sequence(...parameters));
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return der(derTag.sequence, ...parts);
}

function octets(bytes: Uint8Array): Uint8Array {
  return der(derTag.octetString, bytes);
}

function integer(value: number): Uint8Array {
  return derUnsigned(Uint8Array.of(value >> 16, (value >> 8) & 0xff, value & 0xff));
}
