// §1.6: what the claim169 library 0.3 does not have, or gets wrong, of encrypted credentials.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DecodeWithKeyOptions,
  decode,
  decodeWithDecryptor,
  encode,
  encodeWithSignerAndEncryptor,
  inspect,
} from 'hardkey/formats/claim169';
import { decodeCose, encryptEncrypt0, encryptTo } from 'hardkey/formats/cose';
import { utf8 } from '../../../../src/encoding/bytes.ts';
import { CborTag, type CborValue, encodeCbor } from '../../../../src/encoding/cbor/index.ts';
import { encodePayload } from '../../../../src/formats/claim169/claims.ts';
import { encryptionStructure } from '../../../../src/formats/cose/encrypt0.ts';
import { failsWith } from '../../../support/failures.ts';
import { freshKey } from '../../../support/fresh-key.ts';
import { cipherDevice, signingDevice } from '../callbacks/device.ts';
import { AT, coseOf, issuerFor, META, textOf } from '../support.ts';

const IDENTITY = { id: '7' };
const NOTHING = new Uint8Array();

test('a COSE_Encrypt0 has a kid, protected, and the callbacks get it', async () => {
  const [device, cipher] = [await signingDevice('EdDSA'), cipherDevice()];
  const seen: unknown[] = [];
  const { text } = await encodeWithSignerAndEncryptor(
    IDENTITY,
    META,
    device.signer,
    'EdDSA',
    (algorithm, keyId, ...rest) => {
      seen.push(keyId);
      return cipher.encryptor(algorithm, keyId, ...rest);
    },
    'A256GCM',
    { encryptionKeyId: 'desk-1', compression: 'zlib' },
  );
  const options = { verifier: device.verifier, at: AT };
  await decodeWithDecryptor(
    text,
    (algorithm, keyId, ...rest) => {
      seen.push(keyId);
      return cipher.decryptor(algorithm, keyId, ...rest);
    },
    options,
  );
  assert.deepEqual(seen, [utf8('desk-1'), utf8('desk-1')]);
  assert.equal((await inspect(text)).keyId, 'desk-1');
  const [, open] = decodeCose(await coseOf(text)).elements;
  assert.deepEqual([...(open as Map<CborValue, CborValue>).keys()], [5]);
});

/** A COSE_Encrypt0 whose nonce stands where a test wants it. */
async function encrypted(
  t: Parameters<typeof freshKey>[0],
  buckets: (nonce: Uint8Array) => readonly [covered: CborValue, open: CborValue],
): Promise<readonly [string, DecodeWithKeyOptions]> {
  const { signer, trust } = await issuerFor(t);
  const key = await freshKey(t, 'A256GCM');
  const signed = await coseOf((await encode(IDENTITY, META, { signer, compression: 'zlib' })).text);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const [covered, open] = buckets(nonce);
  const first = encodeCbor(covered);
  const aad = encryptionStructure('Encrypt0', first, NOTHING);
  const { ciphertext } = await key.encrypt(signed, aad, { nonce });
  return [
    textOf(encodeCbor(new CborTag(16, [first, open, ciphertext]))),
    { trust, at: AT, decryptWith: key },
  ];
}

const A256GCM = [1, 3] as const;
const mapOf = (...entries: readonly (readonly [CborValue, CborValue])[]) => new Map(entries);

test('a protected nonce is taken, and two are MALFORMED: the open one does not win', async (t) => {
  const [alone, options] = await encrypted(t, (nonce) => [mapOf(A256GCM, [5, nonce]), mapOf()]);
  assert.equal((await decode(alone, options)).isVerified(), true);
  const [twice, both] = await encrypted(t, (nonce) => [mapOf(A256GCM, [5, nonce]), mapOf([5, nonce])]);
  await assert.rejects(decode(twice, both), failsWith('MALFORMED', { field: 'cose' }));
});

test('a nonce of another length does not open, and a Partial IV is UNSUPPORTED and named', async (t) => {
  for (const length of [0, 11, 13, 16]) {
    const [text, options] = await encrypted(t, () => [mapOf(A256GCM), mapOf([5, new Uint8Array(length)])]);
    await assert.rejects(decode(text, options), failsWith('DECRYPTION_FAILED'), String(length));
  }
  const [partial, options] = await encrypted(t, (nonce) => [mapOf(A256GCM), mapOf([6, nonce])]);
  await assert.rejects(decode(partial, options), failsWith('UNSUPPORTED', { field: 'cose.partialIv' }));
});

for (const algorithm of ['A192GCM', 'ChaCha20-Poly1305'] as const) {
  test(`${algorithm} is written and read`, async (t) => {
    const { signer, trust } = await issuerFor(t);
    const key = await freshKey(t, algorithm);
    const { text } = await encode(IDENTITY, META, { signer, encryptTo: key });
    assert.equal((await decode(text, { trust, at: AT, decryptWith: key })).isVerified(), true);
  });
}

test('COSE_Encrypt, which the specification allows, is written and read: the content key is in the code', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const readers = [await freshKey(t, 'A256KW'), await freshKey(t, 'ECDH-ES+A128KW', { curve: 'X25519' })];
  const { text } = await encode(IDENTITY, META, { signer, encryptTo: readers });
  assert.equal((await inspect(text)).cose, 'encrypt');
  for (const decryptWith of readers) {
    assert.equal((await decode(text, { trust, at: AT, decryptWith })).isVerified(), true);
  }
});

test('claims that are encrypted and not signed are never taken for verified, whoever is trusted', async (t) => {
  const { trust } = await issuerFor(t);
  const key = await freshKey(t, 'A256GCM');
  const { bytes } = encodePayload(IDENTITY, META);
  const refused = failsWith('VERIFICATION_FAILED', { check: 'signature' });
  for (const cose of [await encryptEncrypt0(bytes, key), await encryptTo(bytes, [key])]) {
    const options = { trust, at: AT, decryptWith: key };
    await assert.rejects(decode(textOf(cose), options), refused);
    const { verification, isVerified } = await decode(textOf(cose), { ...options, allowUnsigned: true });
    assert.deepEqual([verification.status, isVerified()], ['unsigned', false]);
  }
});

test('a key of another size than the algorithm has decrypts nothing, and the failure says which algorithm it was', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const { text } = await encode(IDENTITY, META, { signer, encryptTo: await freshKey(t, 'A128GCM') });
  const wrong = decode(text, { trust, at: AT, decryptWith: await freshKey(t, 'A256GCM') });
  await assert.rejects(wrong, failsWith('DECRYPTION_FAILED', { algorithm: 'A128GCM' }));
});

test('nonces are drawn by the library, each once: there is no function to reuse one with', async (t) => {
  const { signer } = await issuerFor(t);
  const key = await freshKey(t, 'A256GCM');
  const nonces = new Set<string>();
  for (let made = 0; made < 50; made++) {
    const { text } = await encode(IDENTITY, META, { signer, encryptTo: key, compression: 'zlib' });
    const [, open] = decodeCose(await coseOf(text)).elements;
    nonces.add(String((open as Map<CborValue, CborValue>).get(5)));
  }
  assert.equal(nonces.size, 50);
});
