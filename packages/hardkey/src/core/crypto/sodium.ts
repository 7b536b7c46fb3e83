/**
 * libsodium's Ed25519, twice as fast as OpenSSL's, where `sodium-native` is installed.
 *
 * @module
 */
import { createRequire } from 'node:module';

/** Verifies an Ed25519 signature of 64 bytes under a key of 32. */
export type VerifyEd25519 = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/** The slice of sodium-native that is called. */
interface Sodium {
  readonly crypto_sign_verify_detached: VerifyEd25519;
}

/** Present where the library is installed and loads. Its verdicts are OpenSSL's, once our checks have run. */
export const sodium: VerifyEd25519 | undefined = load();

function load(): VerifyEd25519 | undefined {
  try {
    const native = createRequire(import.meta.url)('sodium-native') as Sodium;
    return native.crypto_sign_verify_detached;
  } catch {
    // Optional: node:crypto does the same work where it is absent or was built for another platform.
    return undefined;
  }
}
