// Callbacks as operations of a key, and operations as callbacks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AeadAlgorithm, createTrust, type SignatureAlgorithm, verify } from 'hardkey';
import {
  aeadFrom,
  decodeWithDecryptor,
  decodeWithVerifier,
  decryptorCallback,
  decryptorFrom,
  encodeWithSigner,
  encodeWithSignerAndEncryptor,
  encryptorCallback,
  encryptorFrom,
  signerCallback,
  signerFrom,
  verifierCallback,
} from 'hardkey/formats/claim169';
import { encryptEncrypt0, openEncrypt0, openSign1, signSign1 } from 'hardkey/formats/cose';
import { concat, utf8 } from '../../../../src/encoding/bytes.ts';
import { failsWith } from '../../../support/failures.ts';
import { freshKey } from '../../../support/fresh-key.ts';
import { AT, issuerFor, META } from '../support.ts';
import { cipherDevice, signingDevice } from './device.ts';

const IDENTITY = { id: '1', fullName: 'Ada' };
const MESSAGE = utf8('message');

for (const name of ['EdDSA', 'ES256'] as const)
  test(`a callback that signs with ${name} is a Signer for every format`, async () => {
    const { signer: callback, publicKey } = await signingDevice(name);
    const signer = signerFrom(callback, name, { publicKey, keyId: 'k' });
    assert.equal(signer.algorithm, name === 'EdDSA' ? 'Ed25519' : 'ES256');
    await verify(publicKey, signer.algorithm, MESSAGE, await signer.sign(MESSAGE));
    const { payload } = await openSign1(await signSign1(MESSAGE, { signer }), {
      trust: await createTrust(publicKey),
    });
    assert.deepEqual(Uint8Array.from(payload), MESSAGE);
    assert.deepEqual(
      [signer.key.custody.level, String(signer.key.ref)],
      ['claimed', `callback:${publicKey.id}`],
    );
  });

for (const [algorithm, name] of [
  ['Ed25519', 'EdDSA'],
  ['ES256', 'ES256'],
  ['ES384', 'ES384'],
  ['PS256', 'PS256'],
  ['Ed448', 'Ed448'],
] as const)
  test(`a Signer for ${algorithm} is a signer callback, and a trust in it a verifier callback, both named ${name}`, async (t) => {
    const { signer, trust } = await issuerFor(t, algorithm);
    const names: string[] = [];
    const { text } = await encodeWithSigner(
      IDENTITY,
      META,
      (asked, keyId, data) => {
        names.push(asked);
        return signerCallback(signer)(asked, keyId, data);
      },
      name,
      { publicKey: signer.publicKey },
    );
    const decoded = await decodeWithVerifier(
      text,
      (asked, ...rest) => {
        names.push(asked);
        return verifierCallback(trust, AT)(asked, ...rest);
      },
      { at: AT },
    );
    assert.deepEqual(names, [name, name]);
    assert.equal(decoded.isVerified(), true);
    const other = await issuerFor(t, algorithm);
    const forged = decodeWithVerifier(text, verifierCallback(other.trust, AT), { at: AT });
    await assert.rejects(forged, failsWith('VERIFICATION_FAILED'));
  });

test('a signer callback is for its algorithm only, and no other name is known', async (t) => {
  const { signer } = await issuerFor(t, 'ES256');
  const sign = async (name: string) => signerCallback(signer)(name as 'ES256', null, MESSAGE);
  await assert.rejects(sign('EdDSA'), failsWith('UNSUPPORTED'));
  await assert.rejects(sign('ES255'), failsWith('UNSUPPORTED'));
  await assert.rejects(sign('A256GCM'), failsWith('ARGUMENT_INVALID'));
  const { signer: callback } = await signingDevice('ES256');
  assert.throws(() => signerFrom(callback, 'A256GCM' as SignatureAlgorithm), failsWith('ARGUMENT_INVALID'));
  const { encryptor } = cipherDevice();
  assert.throws(() => encryptorFrom(encryptor, 'ES256' as AeadAlgorithm), failsWith('ARGUMENT_INVALID'));
});

test('an encryptor and a decryptor are an Aead for every format', async () => {
  const device = cipherDevice();
  const aead = aeadFrom(device, 'A256GCM', { keyId: 'k' });
  const sealed = await aead.encrypt(MESSAGE, utf8('aad'));
  assert.equal(sealed.ciphertext.length, MESSAGE.length + 16);
  assert.deepEqual(await aead.decrypt(sealed, utf8('aad')), MESSAGE);
  await assert.rejects(aead.decrypt(sealed, utf8('other')), failsWith('DECRYPTION_FAILED'));
  assert.deepEqual(Uint8Array.from(await openEncrypt0(await encryptEncrypt0(MESSAGE, aead), aead)), MESSAGE);
  const nonce = new Uint8Array(12).fill(7);
  assert.deepEqual((await aead.encrypt(MESSAGE, utf8(''), { nonce })).nonce, nonce);
  const short = aead.encrypt(MESSAGE, utf8(''), { nonce: new Uint8Array(11) });
  await assert.rejects(short, failsWith('ARGUMENT_INVALID', { field: 'nonce' }));
});

test('a few bytes may be their own ciphertext by chance, and sixteen may not', async () => {
  const copying = encryptorFrom((...given) => concat(given[4], new Uint8Array(16)), 'A256GCM');
  for (const length of [0, 1, 15]) {
    const { ciphertext } = await copying.encrypt(new Uint8Array(length), MESSAGE);
    assert.equal(ciphertext.length, length + 16);
  }
  const refused = failsWith('ARGUMENT_INVALID', { field: 'encryptor' });
  await assert.rejects(copying.encrypt(new Uint8Array(16), MESSAGE), refused);
});

test('what is too short to be a ciphertext, or has no nonce of 12 bytes, is not asked about', async () => {
  let asked = 0;
  const decryptor = decryptorFrom(() => {
    asked++;
    return new Uint8Array();
  }, 'A128GCM');
  for (const [nonce, ciphertext] of [
    [12, 15],
    [11, 16],
    [0, 16],
  ] as const) {
    const sealed = { nonce: new Uint8Array(nonce), ciphertext: new Uint8Array(ciphertext) };
    await assert.rejects(decryptor.decrypt(sealed, MESSAGE), failsWith('DECRYPTION_FAILED'));
  }
  assert.equal(asked, 0);
});

for (const algorithm of ['A128GCM', 'A256GCM', 'ChaCha20-Poly1305'] as const)
  test(`an Aead for ${algorithm} is both callbacks`, async (t) => {
    const key = await freshKey(t, algorithm);
    const { signer, trust } = await issuerFor(t);
    const { text } = await encodeWithSignerAndEncryptor(
      IDENTITY,
      META,
      signerCallback(signer),
      'EdDSA',
      encryptorCallback(key),
      algorithm,
    );
    const decoded = await decodeWithDecryptor(text, decryptorCallback(key), { trust, at: AT });
    assert.equal(decoded.isVerified(), true);
    const other = algorithm === 'A128GCM' ? 'A256GCM' : 'A128GCM';
    const wrong = async () => encryptorCallback(key)(other, null, new Uint8Array(12), MESSAGE, MESSAGE);
    await assert.rejects(wrong(), failsWith('UNSUPPORTED'));
  });

test('a decryptor does not open what was encrypted for recipients', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { encode } = await import('hardkey/formats/claim169');
  const { text } = await encode(IDENTITY, META, { signer, encryptTo: await freshKey(t, 'A256KW') });
  const refused = decodeWithDecryptor(text, cipherDevice().decryptor, { trust, at: AT });
  await assert.rejects(refused, failsWith('UNSUPPORTED', { field: 'decryptor' }));
});
