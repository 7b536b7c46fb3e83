/**
 * Credentials: a secret that only the TPM with one endorsement key and one other key can read (Part 1 §24).
 * Whoever reads it has proved that the two keys are in the same TPM.
 *
 * @module
 */
import { concat } from '../../encoding/bytes.ts';
import { encodeTpm } from './codec.ts';
import type { Credential } from './commands/statements.ts';
import type { TpmCrypto } from './crypto.ts';
import { hashBytes } from './identifiers.ts';
import { kdfa } from './kdf.ts';
import type { PublicArea } from './public-area.ts';
import { shareSecret } from './session.ts';
import { digest } from './structures.ts';

/** AES blocks. */
const BLOCK = 16;

/**
 * Makes a credential of `secret` for the key with this name, readable in the TPM with this endorsement
 * key, as TPM2_MakeCredential does. Undefined for an endorsement key of a kind that holds no secret.
 */
export function makeCredential(
  crypto: TpmCrypto,
  endorsementKey: PublicArea,
  name: Uint8Array,
  secret: Uint8Array,
): Credential | undefined {
  if (endorsementKey.type === 'KEYEDHASH' || endorsementKey.symmetric.algorithm !== 'AES') return undefined;
  const { nameAlg: hash, symmetric } = endorsementKey;
  const seed = shareSecret(crypto, endorsementKey, 'IDENTITY');
  if (seed === undefined) return undefined;
  const none = new Uint8Array();
  const derive = (label: string, contextU: Uint8Array, bits: number): Uint8Array =>
    kdfa(crypto, seed.secret, { hash, label, contextU, contextV: none, bits });
  // §24.4 and §24.5: encrypted under one key, then authenticated under another, together with the name.
  const key = derive('STORAGE', name, symmetric.keyBits);
  const hidden = crypto.aesCfb('encrypt', key, new Uint8Array(BLOCK), encodeTpm(digest, secret));
  const hmacKey = derive('INTEGRITY', none, 8 * hashBytes[hash]);
  const integrity = crypto.hmac(hash, hmacKey, hidden, name);
  return { credentialBlob: concat(encodeTpm(digest, integrity), hidden), secret: seed.encrypted };
}
