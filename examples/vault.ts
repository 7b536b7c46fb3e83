// A signed and encrypted identity credential whose keys are in Vault or OpenBao, read elsewhere:
// first through keys and their operations, then through functions as the custom-crypto guide has them.
//
//   export VAULT_ADDR=http://127.0.0.1:8200 VAULT_TOKEN=root
//   bao secrets enable transit
//   node examples/vault.ts
import { createKeys, createTrust, type Keys, Secret } from 'hardkey';
import { decode, decodeWithDecryptor, encode, encodeWithSignerAndEncryptor } from 'hardkey/formats/claim169';
import { createEnvelope } from 'hardkey/formats/cose';
import { vault } from 'hardkey/providers/vault';

const { VAULT_ADDR: address = 'http://127.0.0.1:8200', VAULT_TOKEN: token = '' } = process.env;
const identity = { id: '3918592438', fullName: 'Ada Example' };
const meta = { issuer: 'https://issuer.example', expiresAt: Math.floor(Date.now() / 1000) + 86_400 };

await using keys = createKeys([
  vault({ address, token: async () => new Secret(new TextEncoder().encode(token)) }),
]);
// Once, by an operator. A program that issues may only read and use them: deploy/vault.
await makeOnce(keys, 'hashivault://issuer', 'ES256');
await makeOnce(keys, 'hashivault://readers', 'RSA-OAEP-256');
await makeOnce(keys, 'hashivault://records', 'A256GCM');

const signer = (await keys.open('hashivault://issuer')).use('ES256');
const readers = (await keys.open('hashivault://readers')).use('RSA-OAEP-256');
const records = await keys.open('hashivault://records');
// All that whoever verifies needs: the public key, as a file would have it.
const trust = await createTrust(signer.publicKey.toPem(), { algorithms: ['ES256'] });

// 1. The content key of the credential is wrapped for the readers' key, whose public half is enough for it.
const { publicKey } = readers.key;
if (publicKey === undefined) throw new Error('an RSA key has a public half');
const credential = await encode(identity, meta, { signer, encryptTo: publicKey });
const read = await decode(credential.text, { trust, decryptWith: readers });
console.log('for the readers:', read.identity.fullName, read.isVerified());

// 2. Encrypted by the server itself, through the functions of the guide.
const aead = records.use('A256GCM');
const { text } = await encodeWithSignerAndEncryptor(
  identity,
  meta,
  (_algorithm, _keyId, data) => signer.sign(data),
  'ES256',
  // The server draws the nonce, so it is answered beside the ciphertext.
  (_algorithm, _keyId, _nonce, aad, plaintext) => aead.encrypt(plaintext, aad),
  'A256GCM',
  { publicKey: signer.publicKey, keyId: signer.key.id },
);
const decoded = await decodeWithDecryptor(
  text,
  (_algorithm, _keyId, nonce, aad, ciphertext) => aead.decrypt({ nonce, ciphertext }, aad),
  { trust },
);
console.log('by the functions:', decoded.identity.fullName, decoded.isVerified());

// 3. Data that is no credential: an envelope, wrapped again after the key was rotated.
const aad = new TextEncoder().encode('record 7');
const sealed = await createEnvelope(records.use('service')).encrypt(new TextEncoder().encode('a photo'), aad);
const rotated = (await keys.rotate('hashivault://records')).use('service');
const envelope = createEnvelope(rotated, {
  keyOf: async ({ keyId }) => {
    if (!keyId.startsWith('hashivault://records?')) throw new Error('not a key of ours');
    return (await keys.open(keyId)).use('service');
  },
});
const opened = await envelope.decrypt(await envelope.rewrap(sealed), aad);
console.log('the envelope:', new TextDecoder().decode(opened));

async function makeOnce(
  all: Keys,
  ref: string,
  algorithm: 'A256GCM' | 'ES256' | 'RSA-OAEP-256',
): Promise<void> {
  for await (const info of all.list()) {
    if (String(info.ref).startsWith(`${ref}?`)) return;
  }
  await all.create(ref, { algorithm });
}
