// Identity credentials that Azure Key Vault signs and whose readers it unwraps for, opened elsewhere: once with
// keys, once with functions of your own. Nothing has to be kept beside a credential: the wrapped key travels in it.
//
//   export AZURE_KEYVAULT_URL=https://example.vault.azure.net
//   hardkey key generate --backend azurekms --label issuer --algorithm ES256
//   hardkey key generate --backend azurekms --label readers --algorithm RSA-OAEP-256
//   node examples/azure-kv.ts
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
import { azureKv } from 'hardkey/providers/azure-kv';

const {
  AZURE_KEYVAULT_URL: vaultUrl = 'https://example.vault.azure.net',
  AZURE_AUTHORITY_HOST: authorityHost = 'https://login.microsoftonline.com',
} = process.env;
await using keys = createKeys([azureKv({ vaultUrl, authorityHost })]);
const nameOf = (key: string) => `azurekms://${new URL(vaultUrl).host}/${key}`;
const signer = (await keys.open(nameOf('issuer'))).use('ES256');
const reader = (await keys.open(nameOf('readers'))).use('RSA-OAEP-256');

const identity = { id: '3918592438', fullName: 'Ada Example' };
const meta = { issuer: 'https://issuer.example', expiresAt: Math.floor(Date.now() / 1000) + 86_400 };

// Whoever reads has the issuer's public key, and may unwrap. He needs no other right, and no key of the issuer.
const trust = await createTrust(signer.publicKey.toPem());

// 1. With the keys themselves. Whoever encrypts needs the reader's public key alone, and asks nobody.
const { publicKey: readersKey } = reader.key;
if (readersKey === undefined) throw new Error('an RSA key has a public half');
const { text } = await encode(identity, meta, { signer, encryptTo: readersKey });
const read = await decode(text, { trust, decryptWith: reader });
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
