/**
 * Sessions: how they begin, and the secret that only this TPM can share (Part 1 §19.6).
 *
 * @module
 */
import { encodeTpm } from './codec.ts';
import type { StartAuthSessionRequest } from './commands/sessions.ts';
import type { TpmCrypto } from './crypto.ts';
import { coordinateBytes, hashBytes, type TpmHash } from './identifiers.ts';
import { kdfa, kdfe } from './kdf.ts';
import { eccPoint, type PublicArea } from './public-area.ts';
import { padded, usualExponent } from './public-key.ts';

/** A session, as both sides know it. */
export interface TpmSession {
  readonly handle: number;
  readonly hash: TpmHash;
  /** sessionKey (§19.6.8): empty without a salt. */
  readonly key: Uint8Array;
  /** What the TPM said last. Each answer brings another one. */
  nonceTPM: Uint8Array;
  readonly isPolicy: boolean;
}

/** A secret, and what carries it to the holder of a key. */
export interface SharedSecret {
  readonly secret: Uint8Array;
  readonly encrypted: Uint8Array;
}

/** The hash of sessions that are for no policy. */
export const sessionHash: TpmHash = 'SHA-256';

/** §19.6.3: a nonce has at least 16 bytes. */
const NONCE = 16;

/**
 * Shares a new secret with the holder of a storage key (Annex B.10.3 for RSA, C.6.3 for curves). `label`
 * is what it is for: `SECRET` for a session's salt, `IDENTITY` for a credential. Undefined for a key of
 * another kind.
 */
export function shareSecret(crypto: TpmCrypto, key: PublicArea, label: string): SharedSecret | undefined {
  const { nameAlg: hash } = key;
  if (key.type === 'RSA') {
    const secret = crypto.randomBytes(hashBytes[hash]);
    const numbers = { modulus: key.unique, exponent: key.exponent === 0 ? usualExponent : key.exponent };
    // B.4: the label is encoded with the zero byte that ends it.
    return {
      secret,
      encrypted: crypto.rsaOaep(numbers, hash, new TextEncoder().encode(`${label}\0`), secret),
    };
  }
  if (key.type !== 'ECC') return undefined;
  const { point, z } = crypto.ecdh(key.curve, key.unique);
  const contextV = padded(key.unique.x, coordinateBytes[key.curve]);
  const bits = 8 * hashBytes[hash];
  const secret = kdfe(crypto, z, { hash, label, contextU: point.x, contextV, bits });
  return { secret, encrypted: encodeTpm(eccPoint, point) };
}

/** What a session is begun with. */
export function sessionRequest(
  crypto: TpmCrypto,
  kind: 'hmac' | 'policy' | 'trial',
  authHash: TpmHash,
  salt: SharedSecret,
): StartAuthSessionRequest {
  return {
    nonceCaller: crypto.randomBytes(NONCE),
    encryptedSalt: salt.encrypted,
    sessionType: { hmac: 0, policy: 1, trial: 3 }[kind],
    symmetric: { algorithm: 'AES', keyBits: 128, mode: 'CFB' },
    authHash,
  };
}

/** The session that the TPM answered with. */
export function beginSession(
  crypto: TpmCrypto,
  request: StartAuthSessionRequest,
  salt: SharedSecret,
  handle: number,
  nonceTPM: Uint8Array,
): TpmSession {
  const { authHash: hash, nonceCaller, sessionType } = request;
  const input = { hash, label: 'ATH', contextU: nonceTPM, contextV: nonceCaller, bits: 8 * hashBytes[hash] };
  // §19.6.8: without salt and binding there is no session key at all.
  const key = salt.secret.length === 0 ? new Uint8Array() : kdfa(crypto, salt.secret, input);
  return { handle, hash, key, nonceTPM: nonceTPM.slice(), isPolicy: sessionType !== 0 };
}

/** A nonce of the caller's. */
export function newNonce(crypto: TpmCrypto): Uint8Array {
  return crypto.randomBytes(NONCE);
}
