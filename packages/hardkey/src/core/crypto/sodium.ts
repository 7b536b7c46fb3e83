/**
 * libsodium's Ed25519, twice as fast as OpenSSL's, where `sodium-native` is installed.
 *
 * @module
 */
import { createRequire } from 'node:module';

/** The slice of sodium-native that is called. It takes Buffers. */
interface Sodium {
  crypto_sign_verify_detached(signature: Buffer, message: Buffer, publicKey: Buffer): boolean;
}

/** Verifies an Ed25519 signature of 64 bytes under a key of 32. */
export type VerifyEd25519 = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/** Present where the library is installed and loads. Its verdicts are OpenSSL's, once our checks have run. */
export const sodium: VerifyEd25519 | undefined = load();

function load(): VerifyEd25519 | undefined {
  try {
    const native = createRequire(import.meta.url)('sodium-native') as Sodium;
    return (signature, message, publicKey) =>
      native.crypto_sign_verify_detached(buffer(signature), buffer(message), buffer(publicKey));
  } catch {
    // Optional: node:crypto does the same work where it is absent or was built for another platform.
    return undefined;
  }
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
