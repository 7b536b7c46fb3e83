/**
 * Encrypted PKCS #8 (RFC 5958 §3, RFC 8018 §6.2): PBKDF2 with HMAC-SHA-256 and AES-256-CBC. OpenSSL and
 * Node.js open it.
 *
 * @module
 */
import { createCipheriv, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { randomBytes } from '#crypto';
import { concat, utf8 } from '../../encoding/bytes.ts';
import { der, derOid, derTag, derUnsigned } from '../../encoding/der.ts';
import { encodePem } from '../../encoding/pem.ts';

/** What a guess at the passphrase costs: rounds of HMAC-SHA-256. */
export const ROUNDS = 600_000;

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const HMAC_SHA256 = '1.2.840.113549.2.9';
const AES_256_CBC = '2.16.840.1.101.3.4.1.42';

const derive = promisify(pbkdf2);

/** PEM `ENCRYPTED PRIVATE KEY` of a PKCS #8 key. */
export async function encryptPkcs8(pkcs8: Uint8Array, passphrase: Uint8Array): Promise<Uint8Array> {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const key = await derive(passphrase, salt, ROUNDS, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const ciphertext = concat(cipher.update(pkcs8), cipher.final());
  key.fill(0);
  const algorithm = der(derTag.sequence, derOid(PBES2), der(derTag.sequence, kdf(salt), scheme(iv)));
  const encrypted = der(derTag.sequence, algorithm, der(derTag.octetString, ciphertext));
  return utf8(encodePem('ENCRYPTED PRIVATE KEY', encrypted));
}

function kdf(salt: Uint8Array): Uint8Array {
  const rounds = derUnsigned(Uint8Array.of(ROUNDS >> 16, (ROUNDS >> 8) & 0xff, ROUNDS & 0xff));
  const prf = der(derTag.sequence, derOid(HMAC_SHA256), der(derTag.null));
  return der(
    derTag.sequence,
    derOid(PBKDF2),
    der(derTag.sequence, der(derTag.octetString, salt), rounds, prf),
  );
}

function scheme(iv: Uint8Array): Uint8Array {
  return der(derTag.sequence, derOid(AES_256_CBC), der(derTag.octetString, iv));
}
