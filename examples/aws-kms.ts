// Identity credentials that AWS KMS signs and encrypts, opened elsewhere: once with keys, once with functions
// of your own. Nothing has to be kept beside a credential: the wrapped data key travels in it.
//
//   hardkey key generate --ref awskms:///alias/issuer --algorithm ES256
//   hardkey key generate --ref awskms:///alias/readers --algorithm service
//   node examples/aws-kms.ts
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
import { awsKms } from 'hardkey/providers/aws-kms';

await using keys = createKeys([awsKms()]);
const signer = (await keys.open(process.env['SIGNING_KEY'] ?? 'awskms:///alias/issuer')).use('ES256');
const reader = (await keys.open(process.env['READING_KEY'] ?? 'awskms:///alias/readers')).use('service');

const identity = { id: '3918592438', fullName: 'Ada Example' };
const meta = { issuer: 'https://issuer.example', expiresAt: Math.floor(Date.now() / 1000) + 86_400 };

// Whoever reads has the public key, and may call Decrypt. He needs no other right, and no key of the issuer.
const trust = await createTrust(signer.publicKey.toPem());

// 1. With the keys themselves.
const { text } = await encode(identity, meta, { signer, encryptTo: reader, allowService: true });
const read = await decode(text, { trust, decryptWith: reader, allowService: true });
console.log(read.identity.fullName, read.isVerified(), String(signer.key.ref));

// 2. With functions, as the custom-crypto guide has them: an envelope of your own making. The wrapped data
// key is the key id of the encryption, where the guide's example loses it.
const dataKey = crypto.getRandomValues(new Uint8Array(32));
const wrappedKey = await reader.wrap(dataKey);
const gcm = (iv: Uint8Array, additionalData: Uint8Array) => ({
  name: 'AES-GCM',
  iv: Uint8Array.from(iv),
  additionalData: Uint8Array.from(additionalData),
});
const imported = (bytes: Uint8Array, use: 'encrypt' | 'decrypt') =>
  crypto.subtle.importKey('raw', Uint8Array.from(bytes), 'AES-GCM', false, [use]);

const encryptor: EncryptorCallback = async (_algorithm, _keyId, nonce, aad, plaintext) => {
  const key = await imported(dataKey, 'encrypt');
  return new Uint8Array(await crypto.subtle.encrypt(gcm(nonce, aad), key, Uint8Array.from(plaintext)));
};
const decryptor: DecryptorCallback = async (_algorithm, keyId, nonce, aad, ciphertext) => {
  const key = await imported(await reader.unwrap(keyId ?? new Uint8Array()), 'decrypt');
  return new Uint8Array(await crypto.subtle.decrypt(gcm(nonce, aad), key, Uint8Array.from(ciphertext)));
};

const { publicKey } = signer;
const own = await encodeWithSignerAndEncryptor(
  identity,
  meta,
  signerCallback(signer),
  'ES256',
  encryptor,
  'A256GCM',
  { publicKey, keyId: publicKey.id, encryptionKeyId: wrappedKey },
);
dataKey.fill(0);
const readAgain = await decodeWithDecryptor(own.text, decryptor, { verifier: verifierCallback(trust) });
console.log(readAgain.identity.fullName, readAgain.isVerified());
