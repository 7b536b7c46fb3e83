// A device that knows nothing of hardkey: node:crypto behind the four callbacks.
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { importPublicKey, type PublicKey } from 'hardkey';
import type {
  DecryptorCallback,
  EncryptorCallback,
  SignerCallback,
  VerifierCallback,
} from 'hardkey/formats/claim169';

/** What a signing key on the device can do. */
export interface SigningDevice {
  readonly signer: SignerCallback;
  readonly verifier: VerifierCallback;
  /** As AWS and Google answer. */
  readonly der: (data: Uint8Array) => Uint8Array;
  readonly publicKey: PublicKey;
}

/** A signing key that was made for this once. */
export async function signingDevice(name: 'EdDSA' | 'ES256'): Promise<SigningDevice> {
  const { privateKey, publicKey } =
    name === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const hash = name === 'EdDSA' ? null : 'sha256';
  const dsaEncoding = 'ieee-p1363';
  return {
    signer: (_algorithm, _keyId, data) => sign(hash, data, { key: privateKey, dsaEncoding }),
    verifier: (_algorithm, _keyId, data, signature) =>
      verify(hash, data, { key: publicKey, dsaEncoding }, signature),
    der: (data) => sign(hash, data, privateKey),
    publicKey: await importPublicKey(
      createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString(),
    ),
  };
}

/** A symmetric key on the device. */
export function cipherDevice(
  name: 'A128GCM' | 'A256GCM' = 'A256GCM',
  key: Uint8Array = randomBytes(name === 'A128GCM' ? 16 : 32),
) {
  const cipher = name === 'A128GCM' ? 'aes-128-gcm' : 'aes-256-gcm';
  const encryptor = (
    _algorithm: string,
    _keyId: Uint8Array | null,
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array => {
    const gcm = createCipheriv(cipher, key, nonce).setAAD(aad);
    return Buffer.concat([gcm.update(plaintext), gcm.final(), gcm.getAuthTag()]);
  };
  const decryptor = (
    _algorithm: string,
    _keyId: Uint8Array | null,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array => {
    const gcm = createDecipheriv(cipher, key, nonce).setAAD(aad).setAuthTag(ciphertext.subarray(-16));
    return Buffer.concat([gcm.update(ciphertext.subarray(0, -16)), gcm.final()]);
  };
  return {
    encryptor: encryptor satisfies EncryptorCallback,
    decryptor: decryptor satisfies DecryptorCallback,
  };
}
