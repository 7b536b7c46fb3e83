// Identity credentials that Google Cloud KMS signs, encrypted for a key of the service, opened elsewhere: once
// with keys, once with functions of your own. Whoever encrypts needs the public key of the reader alone.
//
//   export RING=projects/example/locations/global/keyRings/identity
//   hardkey key generate --ref gcpkms://$RING/cryptoKeys/issuer --algorithm ES256
//   hardkey key generate --ref gcpkms://$RING/cryptoKeys/readers --algorithm RSA-OAEP-256
//   node examples/gcp-kms.ts
import { createKeys, createTrust } from 'hardkey';
import {
  type DecryptorCallback,
  decode,
  decodeWithDecryptor,
  type EncryptorCallback,
  encode,
  encodeWithSignerAndEncryptor,
  signerCallback,
  verifierCallback,
} from 'hardkey/formats/claim169';
import { gcpKms } from 'hardkey/providers/gcp-kms';

// An emulator in place of the service: npx @hardkey/emulators gcp
const endpoint = process.env['HARDKEY_GCPKMS_ENDPOINT'];
const ring = `gcpkms://${process.env['RING'] ?? 'projects/example/locations/global/keyRings/identity'}`;

await using keys = createKeys([gcpKms(endpoint === undefined ? {} : { endpoint })]);
const signer = (await keys.open(`${ring}/cryptoKeys/issuer`)).use('ES256');
const reader = (await keys.open(`${ring}/cryptoKeys/readers`)).use('RSA-OAEP-256');

const identity = { id: '3918592438', fullName: 'Ada Example' };
const meta = { issuer: 'https://issuer.example', expiresAt: Math.floor(Date.now() / 1000) + 86_400 };
const trust = await createTrust(signer.publicKey.toPem());

// 1. With the keys themselves. The content key travels in the credential, wrapped for the reader.
const { text } = await encode(identity, meta, { signer, encryptTo: reader });
const read = await decode(text, { trust, decryptWith: reader });
console.log(read.identity.fullName, read.isVerified(), String(signer.key.ref));

// 2. With functions, as the custom-crypto guide has them. What the guide's example loses, the wrapped key, is
// the key id of the encryption here.
const contentKey = crypto.getRandomValues(new Uint8Array(32));
const wrapped = await reader.wrap(contentKey);

/** AES-GCM of WebCrypto, which may wait for whatever has the key. */
async function gcm(
  use: 'encrypt' | 'decrypt',
  key: Uint8Array,
  iv: Uint8Array,
  additionalData: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-GCM', false, [use]);
  const how = { name: 'AES-GCM', iv: Uint8Array.from(iv), additionalData: Uint8Array.from(additionalData) };
  return new Uint8Array(await crypto.subtle[use](how, imported, Uint8Array.from(data)));
}

const encryptor: EncryptorCallback = (_algorithm, _keyId, nonce, aad, plaintext) =>
  gcm('encrypt', contentKey, nonce, aad, plaintext);
const decryptor: DecryptorCallback = async (_algorithm, keyId, nonce, aad, ciphertext) =>
  gcm('decrypt', await reader.unwrap(keyId ?? new Uint8Array()), nonce, aad, ciphertext);

const { publicKey } = signer;
const own = await encodeWithSignerAndEncryptor(
  identity,
  meta,
  signerCallback(signer),
  'ES256',
  encryptor,
  'A256GCM',
  { publicKey, keyId: publicKey.id, encryptionKeyId: wrapped },
);
contentKey.fill(0);
const readAgain = await decodeWithDecryptor(own.text, decryptor, { verifier: verifierCallback(trust) });
console.log(readAgain.identity.fullName, readAgain.isVerified());
