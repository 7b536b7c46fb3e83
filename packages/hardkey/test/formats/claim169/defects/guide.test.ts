// What the custom-crypto guide of the claim169 library gets wrong, one test each: it works, or is refused.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createTrust, ecdsaFromDer, type KeyWrapper, type Signer } from 'hardkey';
import {
  decode,
  decodeWithDecryptor,
  decodeWithVerifier,
  encode,
  encodeWithSigner,
  encodeWithSignerAndEncryptor,
  inspect,
  type SignerCallback,
  throwingVerifier,
  type VerifierCallback,
} from 'hardkey/formats/claim169';
import { utf8 } from '../../../../src/encoding/bytes.ts';
import { failsWith } from '../../../support/failures.ts';
import { freshKey } from '../../../support/fresh-key.ts';
import { cipherDevice, signingDevice } from '../callbacks/device.ts';
import { AT, issuerFor, META } from '../support.ts';

const IDENTITY = { id: '1', fullName: 'Ada' };
const device = await signingDevice('ES256');
const { publicKey } = device;
const signedBy = (signer: unknown, more: object = {}) =>
  encodeWithSigner(IDENTITY, META, signer as SignerCallback, 'ES256', more);
const mismatch = failsWith('SIGNER_MISMATCH');

test('1: a KMS whose SDK is asynchronous signs, verifies, encrypts and decrypts', async () => {
  const network =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    async (...args: A): Promise<R> => {
      await new Promise((resolve) => setImmediate(resolve));
      return call(...args);
    };
  const cipher = cipherDevice();
  const { text } = await encodeWithSignerAndEncryptor(
    IDENTITY,
    META,
    network(device.signer) as SignerCallback,
    'ES256',
    network(cipher.encryptor),
    'A256GCM',
    { publicKey },
  );
  const verifier = network(device.verifier) as VerifierCallback;
  const decoded = await decodeWithDecryptor(text, network(cipher.decryptor), { verifier, at: AT });
  assert.equal(decoded.isVerified(), true);
});

test('2: an asynchronous or boolean verifier that rejects a forgery is never `verified`', async () => {
  const other = await signingDevice('ES256');
  const { text } = await signedBy(other.signer);
  const rejecting = async (...args: Parameters<VerifierCallback>) => {
    if (!device.verifier(...args)) throw new Error('forged');
  };
  const forged = failsWith('VERIFICATION_FAILED');
  await assert.rejects(decodeWithVerifier(text, throwingVerifier(rejecting), { at: AT }), forged);
  await assert.rejects(decodeWithVerifier(text, device.verifier, { at: AT }), forged);
  await assert.rejects(
    decodeWithVerifier(text, async (...args) => device.verifier(...args), { at: AT }),
    forged,
  );
  // The guide's own verifier, given without the adapter, is refused also where the signature is good.
  const { text: genuine } = await signedBy(device.signer);
  const bare = rejecting as unknown as VerifierCallback;
  await assert.rejects(decodeWithVerifier(genuine, bare, { at: AT }), failsWith('ARGUMENT_INVALID'));
  assert.equal(
    (await decodeWithVerifier(genuine, throwingVerifier(rejecting), { at: AT })).isVerified(),
    true,
  );
});

test('2: a signer that answers with a promise leaves no credential without a signature', async () => {
  const { text } = await signedBy(async (...args: Parameters<SignerCallback>) => device.signer(...args));
  assert.equal((await decodeWithVerifier(text, device.verifier, { at: AT })).isVerified(), true);
  await assert.rejects(
    signedBy(async () => undefined),
    mismatch,
  );
});

test('3: DER as AWS and Google answer is refused, and right once it is converted', async () => {
  await assert.rejects(
    signedBy((_algorithm: string, _keyId: null, data: Uint8Array) => device.der(data)),
    (error) => mismatch(error) && error instanceof Error && error.message.includes('ecdsaFromDer'),
  );
  const converting: SignerCallback = (_algorithm, _keyId, data) => ecdsaFromDer(device.der(data), 64);
  const { text } = await signedBy(converting, { publicKey });
  assert.equal((await decode(text, { trust: await createTrust(publicKey), at: AT })).isVerified(), true);
});

test('3: what was hashed twice, or not at all, is not released', async () => {
  const twice: SignerCallback = (algorithm, keyId, data) =>
    device.signer(algorithm, keyId, createHash('sha256').update(data).digest());
  await assert.rejects(signedBy(twice, { publicKey }), mismatch);
});

test('4: a key id goes to the callback, into the protected header, and to the verifier', async () => {
  const keyId = utf8('issuer-2026');
  const seen: (Uint8Array | null)[] = [];
  const { text } = await signedBy(
    (...args: Parameters<SignerCallback>) => {
      seen.push(args[1]);
      return device.signer(...args);
    },
    { keyId },
  );
  await decodeWithVerifier(
    text,
    (...args) => {
      seen.push(args[1]);
      return device.verifier(...args);
    },
    { at: AT },
  );
  assert.deepEqual(seen, [keyId, keyId]);
  assert.equal((await inspect(text)).keyId, 'issuer-2026');
});

test('5: what encoding returns names its text, and that text decodes', async () => {
  const encoded = await signedBy(device.signer);
  assert.deepEqual(Object.keys(encoded).sort(), ['compression', 'qrVersion', 'text', 'warnings']);
  assert.equal((await decodeWithVerifier(encoded.text, device.verifier, { at: AT })).isVerified(), true);
});

for (const algorithm of ['A256KW', 'RSA-OAEP-256'] as const)
  test(`6: envelope encryption with ${algorithm}: the wrapped key is in the token, and the KMS key alone opens it`, async (t) => {
    const { signer, trust } = await issuerFor(t);
    const kms: KeyWrapper = await freshKey(t, algorithm, algorithm === 'A256KW' ? {} : { bits: 2048 });
    const { text } = await encode(IDENTITY, META, { signer, encryptTo: kms });
    const decoded = await decode(text, { trust, at: AT, decryptWith: kms });
    assert.deepEqual([decoded.identity, decoded.isVerified()], [IDENTITY, true]);
  });

test('7: the text that Vault answers with, and RSA in the place of ECDSA, are refused', async () => {
  const vault = (_algorithm: string, _keyId: null, data: Uint8Array) =>
    `vault:v1:${Buffer.from(device.der(data)).toString('base64')}`;
  await assert.rejects(signedBy(vault), mismatch);
  await assert.rejects(
    signedBy(() => randomBytes(256)),
    mismatch,
  );
});

test('8: an outage is no forgery, and the error of the callback is kept', async () => {
  const { text } = await signedBy(device.signer);
  const outage = Object.assign(new Error('kms'), { name: 'TimeoutError' });
  const failing = async () => {
    throw outage;
  };
  for (const call of [
    signedBy(failing),
    decodeWithVerifier(text, failing, { at: AT }),
    decodeWithVerifier(text, throwingVerifier(failing), { at: AT }),
  ])
    await assert.rejects(call, (error) => {
      failsWith('UNAVAILABLE')(error);
      return error instanceof Error && error.cause === outage;
    });
});

test('9: a device that chooses its nonce is used, and encryption has a key id', async () => {
  const cipher = cipherDevice();
  const own = randomBytes(12);
  const { text } = await encodeWithSignerAndEncryptor(
    IDENTITY,
    META,
    device.signer,
    'ES256',
    (algorithm, keyId, _nonce, aad, plaintext) => ({
      nonce: own,
      ciphertext: cipher.encryptor(algorithm, keyId, own, aad, plaintext),
    }),
    'A256GCM',
    { encryptionKeyId: Uint8Array.of(0xfe, 1) },
  );
  const seen: unknown[] = [];
  const decoded = await decodeWithDecryptor(
    text,
    (algorithm, keyId, nonce, aad, ciphertext) => {
      seen.push(Uint8Array.from(nonce), keyId);
      return cipher.decryptor(algorithm, keyId, nonce, aad, ciphertext);
    },
    { verifier: device.verifier, at: AT },
  );
  assert.deepEqual(seen, [Uint8Array.from(own), Uint8Array.of(0xfe, 1)]);
  assert.equal(decoded.isVerified(), true);
});

test('10: DER of every length is converted to r‖s, and never guessed from its length', async () => {
  // r and s have leading zeros once in 256 signatures: DER is then shorter, r‖s is not.
  const trust = await createTrust(publicKey);
  const lengths = new Set<number>();
  for (let made = 0; made < 200 && lengths.size < 4; made++) {
    const signer: SignerCallback = (_algorithm, _keyId, data) => {
      const der = device.der(data);
      lengths.add(der.length);
      return ecdsaFromDer(der, 64);
    };
    const { text } = await signedBy(signer, { publicKey, compression: 'zlib' });
    assert.equal((await decode(text, { trust, at: AT })).isVerified(), true);
  }
  assert.ok(lengths.size >= 2);
});

test('a Signer that has no public key says so where it is asked for', async () => {
  const { signerFrom } = await import('hardkey/formats/claim169');
  const signer: Signer = signerFrom(device.signer, 'ES256');
  assert.throws(() => signer.publicKey, failsWith('ARGUMENT_INVALID', { field: 'publicKey' }));
  const refused = encode(IDENTITY, META, { signer });
  await assert.rejects(refused, failsWith('ARGUMENT_INVALID', { field: 'publicKey' }));
  await encode(IDENTITY, META, { signer, keyId: null });
});
