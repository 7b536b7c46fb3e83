// What a user of the custom-crypto guide relies on: the functions, their arguments, and what comes out.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import {
  decode,
  decodeWithDecryptor,
  decodeWithVerifier,
  encodeWithEncryptor,
  encodeWithSigner,
  encodeWithSignerAndEncryptor,
  inspect,
} from 'hardkey/formats/claim169';
import { vectors } from '../../../../../../scripts/components/vectors.ts';
import { utf8 } from '../../../../src/encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../../../src/encoding/hex.ts';
import { decodeSign1, signatureStructure } from '../../../../src/formats/cose/index.ts';
import { failsWith } from '../../../support/failures.ts';
import { AT, coseOf, issuerFor, META } from '../support.ts';
import { cipherDevice, signingDevice } from './device.ts';

const found = vectors('claim169/valid');
const skip = found.missing ?? false;
/** A CBOR array of four, and the text `Signature1` (RFC 9052 §4.4). */
const SIGNATURE1 = '846a5369676e617475726531';
const IDENTITY = { id: 'HSM-001', fullName: 'Ada Example' };

interface Vector {
  readonly qr_data: string;
  readonly signing_key: { readonly public_key_hex: string };
  readonly encryption_key: { readonly symmetric_key_hex: string };
}

const vector = (name: string) => JSON.parse(readFileSync(join(found.path, name), 'utf8')) as Vector;

for (const [file, name] of [
  ['ed25519-signed.json', 'EdDSA'],
  ['ecdsa-p256-signed.json', 'ES256'],
] as const) {
  test(`${file}: a verifier is asked about the Sig_structure with ${name}, and its answer decides`, {
    skip,
  }, async () => {
    const { qr_data: text, signing_key: key } = vector(file);
    const raw = Buffer.from(key.public_key_hex, 'hex');
    const jwk =
      name === 'EdDSA'
        ? { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }
        : {
            kty: 'EC',
            crv: 'P-256',
            x: raw.subarray(1, 33).toString('base64url'),
            y: raw.subarray(33).toString('base64url'),
          };
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    const asked: unknown[] = [];
    const decoded = await decodeWithVerifier(
      text,
      (algorithm, keyId, data, signature) => {
        asked.push(algorithm, keyId, encodeHex(data.subarray(0, 12)), signature.length);
        return verify(
          name === 'EdDSA' ? null : 'sha256',
          data,
          { key: publicKey, dsaEncoding: 'ieee-p1363' },
          signature,
        );
      },
      { at: AT },
    );
    assert.deepEqual(asked, [name, null, SIGNATURE1, 64]);
    assert.equal(decoded.isVerified(), true);
    assert.equal(decoded.verification.status, 'verified');
    await assert.rejects(
      decodeWithVerifier(text, () => false, { at: AT }),
      failsWith('VERIFICATION_FAILED', { check: 'signature' }),
    );
  });
}

test('encrypted-aes256.json: a decryptor opens it, with the associated data of RFC 9052', {
  skip,
}, async () => {
  const { qr_data: text, encryption_key: key } = vector('encrypted-aes256.json');
  const { decryptor } = cipherDevice('A256GCM', decodeHex(key.symmetric_key_hex));
  const asked: unknown[] = [];
  const decoded = await decodeWithDecryptor(
    text,
    (algorithm, keyId, nonce, aad, ciphertext) => {
      asked.push(algorithm, keyId, nonce.length, encodeHex(aad));
      return decryptor(algorithm, keyId, nonce, aad, ciphertext);
    },
    { allowUnsigned: true, at: AT },
  );
  assert.deepEqual(asked, ['A256GCM', null, 12, '8368456e63727970743043a1010340']);
  assert.equal(decoded.verification.status, 'unsigned');
  // The content is a bare CWT: without a signature there is nothing a verifier could accept.
  const unsigned = decodeWithDecryptor(text, decryptor, { verifier: () => true, at: AT });
  await assert.rejects(unsigned, failsWith('VERIFICATION_FAILED', { check: 'signature' }));
});

for (const name of ['EdDSA', 'ES256'] as const)
  for (const [kind, wait] of [
    ['synchronous', <T>(value: T) => value],
    ['asynchronous', async <T>(value: T) => value],
  ] as const)
    test(`encodeWithSigner with ${name}, ${kind}: signed by the callback, verified by another`, async () => {
      const device = await signingDevice(name);
      const asked: unknown[] = [];
      let signed: Uint8Array | undefined;
      const { text, qrVersion } = await encodeWithSigner(
        IDENTITY,
        META,
        (algorithm, keyId, data) => {
          asked.push(algorithm, keyId);
          signed = data;
          return wait(device.signer(algorithm, keyId, data) as Uint8Array);
        },
        name,
        { keyId: utf8('key-7'), compression: 'zlib' },
      );
      assert.deepEqual(asked, [name, utf8('key-7')]);
      assert.ok(qrVersion > 0);
      const { headers, payload = new Uint8Array() } = decodeSign1(await coseOf(text));
      assert.deepEqual(signed, signatureStructure(headers.protectedBytes, new Uint8Array(), payload));
      assert.deepEqual(headers.protected.get(4), utf8('key-7'));

      const decoded = await decodeWithVerifier(
        text,
        (algorithm, keyId, data, signature) => {
          assert.deepEqual([algorithm, keyId], [name, utf8('key-7')]);
          return wait({ valid: device.verifier(algorithm, keyId, data, signature) as boolean });
        },
        { at: AT },
      );
      assert.deepEqual(decoded.identity, IDENTITY);
      assert.deepEqual(decoded.meta, META);
      assert.equal(decoded.isVerified(), true);
      assert.equal(decoded.verification.keyId, 'key-7');
      const trust = await createTrust(device.publicKey);
      // Not `keyId`: the trust knows the key by its own id.
      const nameless = await encodeWithSigner(IDENTITY, META, device.signer, name);
      assert.equal((await inspect(nameless.text)).keyId, undefined);
      assert.equal((await decode(nameless.text, { trust, at: AT })).isVerified(), true);
    });

test('with the public key, the kid is its short id, and null leaves it out', async () => {
  const { signer, publicKey } = await signingDevice('ES256');
  const kid = async (more: object) =>
    (await inspect((await encodeWithSigner(IDENTITY, META, signer, 'ES256', { publicKey, ...more })).text))
      .keyId;
  assert.equal(await kid({}), publicKey.id);
  assert.equal(await kid({ keyId: 'issuer-2026' }), 'issuer-2026');
  assert.equal(await kid({ keyId: null }), undefined);
});

for (const name of ['A128GCM', 'A256GCM'] as const)
  test(`encodeWithSignerAndEncryptor with ${name}: both callbacks get what they need, and the other two undo it`, async () => {
    const device = await signingDevice('EdDSA');
    const cipher = cipherDevice(name);
    const nonces: string[] = [];
    const make = () =>
      encodeWithSignerAndEncryptor(
        IDENTITY,
        META,
        device.signer,
        'EdDSA',
        (algorithm, keyId, nonce, aad, plaintext) => {
          assert.deepEqual([algorithm, keyId], [name, utf8('cek-1')]);
          // {1: algorithm, 4: 'cek-1'}: what names the key is covered, too.
          const covered = `a2010${name === 'A128GCM' ? 1 : 3}044563656b2d31`;
          assert.equal(encodeHex(aad), `8368456e6372797074304a${covered}40`);
          assert.equal(plaintext[0], 0xd2, 'the plaintext is the tagged COSE_Sign1');
          nonces.push(encodeHex(nonce));
          return cipher.encryptor(algorithm, keyId, nonce, aad, plaintext);
        },
        name,
        { encryptionKeyId: 'cek-1' },
      );
    const { text } = await make();
    await make();
    assert.deepEqual(new Set(nonces.map((nonce) => nonce.length)), new Set([24]));
    assert.equal(new Set(nonces).size, 2);
    assert.deepEqual([(await inspect(text)).cose, (await inspect(text)).keyId], ['encrypt0', 'cek-1']);

    const decoded = await decodeWithDecryptor(
      text,
      (algorithm, keyId, ...rest) => {
        assert.deepEqual([algorithm, keyId], [name, utf8('cek-1')]);
        return cipher.decryptor(algorithm, keyId, ...rest);
      },
      { verifier: device.verifier, at: AT },
    );
    assert.deepEqual(decoded.identity, IDENTITY);
    assert.equal(decoded.isVerified(), true);
    const trust = await createTrust(device.publicKey);
    assert.equal((await decodeWithDecryptor(text, cipher.decryptor, { trust, at: AT })).isVerified(), true);
  });

for (const name of ['A128GCM', 'A256GCM'] as const)
  test(`without a key id the associated data of ${name} are the fifteen bytes of the guide`, async () => {
    const device = await signingDevice('EdDSA');
    const cipher = cipherDevice(name);
    const seen: (string | null)[] = [];
    const { text } = await encodeWithSignerAndEncryptor(
      IDENTITY,
      META,
      device.signer,
      'EdDSA',
      (algorithm, keyId, nonce, aad, plaintext) => {
        seen.push(keyId && encodeHex(keyId), encodeHex(aad));
        return cipher.encryptor(algorithm, keyId, nonce, aad, plaintext);
      },
      name,
    );
    assert.deepEqual(seen, [null, `8368456e63727970743043a1010${name === 'A128GCM' ? 1 : 3}40`]);
    assert.equal((await inspect(text)).keyId, undefined);
  });

test('encodeWithEncryptor: a key of this library signs, a callback encrypts', async (t) => {
  const { signer, trust } = await issuerFor(t, 'ES256');
  const { encryptor, decryptor } = cipherDevice();
  const { text } = await encodeWithEncryptor(IDENTITY, META, signer, encryptor, 'A256GCM');
  assert.equal((await inspect(text)).keyId, undefined);
  assert.equal((await decodeWithDecryptor(text, decryptor, { trust, at: AT })).isVerified(), true);
});

test('decryption proves nothing: the signature inside must be of the verifier or the trust', async (t) => {
  const [device, other] = [await signingDevice('EdDSA'), await signingDevice('EdDSA')];
  const { encryptor, decryptor } = cipherDevice();
  const { text } = await encodeWithSignerAndEncryptor(
    IDENTITY,
    META,
    device.signer,
    'EdDSA',
    encryptor,
    'A256GCM',
  );
  const failed = failsWith('VERIFICATION_FAILED');
  await assert.rejects(decodeWithDecryptor(text, decryptor, { verifier: other.verifier, at: AT }), failed);
  const { trust } = await issuerFor(t);
  await assert.rejects(decodeWithDecryptor(text, decryptor, { trust, at: AT }), failed);
  const nobody = decodeWithDecryptor(text, decryptor, { at: AT });
  await assert.rejects(nobody, failsWith('ARGUMENT_INVALID', { field: 'trust' }));
  const both = decodeWithDecryptor(text, decryptor, { trust, verifier: device.verifier, at: AT });
  await assert.rejects(both, failsWith('ARGUMENT_INVALID', { field: 'trust' }));
});

test('an expired forgery is forged, and a genuine expired credential is expired', async () => {
  const [device, other] = [await signingDevice('ES256'), await signingDevice('ES256')];
  const { text } = await encodeWithSigner(IDENTITY, { ...META, expiresAt: 1 }, device.signer, 'ES256');
  await assert.rejects(
    decodeWithVerifier(text, other.verifier, { at: AT }),
    failsWith('VERIFICATION_FAILED'),
  );
  await assert.rejects(decodeWithVerifier(text, device.verifier, { at: AT }), failsWith('EXPIRED'));
  const reported = await decodeWithVerifier(text, device.verifier, { at: AT, time: 'report' });
  assert.deepEqual([reported.verification.status, reported.isVerified()], ['expired', false]);
});

test('an option that is not there is ARGUMENT_INVALID', async (t) => {
  const device = await signingDevice('EdDSA');
  const { text } = await encodeWithSigner(IDENTITY, META, device.signer, 'EdDSA');
  const { trust } = await issuerFor(t);
  const decodeWith = (more: object) => decodeWithVerifier(text, device.verifier, { at: AT, ...more });
  await assert.rejects(
    decodeWith({ untrusted: true }),
    failsWith('ARGUMENT_INVALID', { field: 'untrusted' }),
  );
  await assert.rejects(decodeWith({ trust }), failsWith('ARGUMENT_INVALID', { field: 'trust' }));
});
