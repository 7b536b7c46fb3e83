import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify as verifyNative } from 'node:crypto';
import { test } from 'node:test';
import {
  type Aead,
  algorithms,
  createKeys,
  isFailure,
  type KeyAgreement,
  type KeyWrapper,
  type Mac,
  type Signer,
  verify,
} from 'hardkey';
import { memory } from 'hardkey/providers/memory';
import { algorithm } from '../../../src/core/algorithms.ts';
import { publicKeyOf } from '../../../src/core/import-public-key.ts';
import * as node from '../../../src/core/software/node.ts';
import * as web from '../../../src/core/software/web.ts';
import { decodeSpki } from '../../../src/core/spki.ts';

const MESSAGE = new TextEncoder().encode('every row of the table');
const AAD = new TextEncoder().encode('bound');

const CHECKS = {
  async sign(operation: unknown) {
    const signer = operation as Signer;
    const signature = await signer.sign(MESSAGE);
    await verify(signer.publicKey, signer.algorithm, MESSAGE, signature);
    const { signatureLength } = algorithm(signer.algorithm);
    if (signatureLength !== undefined) assert.equal(signature.length, signatureLength);
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    await assert.rejects(verify(signer.publicKey, signer.algorithm, MESSAGE, signature), (error) =>
      isFailure(error, 'VERIFICATION_FAILED'),
    );
  },
  async aead(operation: unknown) {
    const aead = operation as Aead;
    const sealed = await aead.encrypt(MESSAGE, AAD);
    assert.equal(sealed.ciphertext.length, MESSAGE.length + 16);
    assert.deepEqual(await aead.decrypt(sealed, AAD), MESSAGE);
    const fails = [
      () => aead.decrypt(sealed, new Uint8Array()),
      () => aead.decrypt({ ...sealed, ciphertext: sealed.ciphertext.subarray(1) }, AAD),
      () => aead.decrypt({ ...sealed, ciphertext: new Uint8Array(3) }, AAD),
      () => aead.decrypt({ ...sealed, nonce: new Uint8Array(11) }, AAD),
    ];
    for (const fail of fails) await assert.rejects(fail(), (error) => isFailure(error, 'DECRYPTION_FAILED'));
  },
  async wrap(operation: unknown) {
    const wrapper = operation as KeyWrapper;
    const contentKey = new Uint8Array(32).fill(9);
    const wrapped = await wrapper.wrap(contentKey);
    assert.deepEqual(await wrapper.unwrap(wrapped), contentKey);
    wrapped[3] = (wrapped[3] ?? 0) ^ 1;
    await assert.rejects(wrapper.unwrap(wrapped), (error) => isFailure(error, 'DECRYPTION_FAILED'));
  },
  async mac(operation: unknown) {
    const mac = operation as Mac;
    const code = await mac.mac(MESSAGE);
    await mac.verifyMac(MESSAGE, code);
    await assert.rejects(mac.verifyMac(AAD, code), (error) => isFailure(error, 'VERIFICATION_FAILED'));
    await assert.rejects(mac.verifyMac(MESSAGE, code.subarray(1)), (error) =>
      isFailure(error, 'VERIFICATION_FAILED'),
    );
  },
  async agree(operation: unknown) {
    const agreement = operation as KeyAgreement;
    const other = await memory().create?.(
      { scheme: 'memory', body: 'x' },
      { algorithm: agreement.algorithm },
    );
    const theirs = other?.use(agreement.algorithm);
    assert.ok(theirs);
    assert.deepEqual(await agreement.agree(theirs.publicKey), await theirs.agree(agreement.publicKey));
  },
} as const;

for (const row of algorithms.filter(({ name }) => name !== 'service')) {
  test(`${row.name} does what its row says`, async () => {
    await using keys = createKeys([memory()]);
    const key = await keys.create('memory:key', {
      algorithm: row.name,
      ...(row.keyType === 'RSA' ? { bits: 2048 } : {}),
    });
    assert.deepEqual(key.algorithms, [row.name]);
    await CHECKS[row.operation](key.use(row.name));
    const other = row.name === 'ES256' ? 'ES384' : 'ES256';
    assert.throws(
      () => key.use(other),
      (error) => isFailure(error, 'UNSUPPORTED'),
    );
  });
}

test('keys of a service are not made here', async () => {
  await using keys = createKeys([memory()]);
  await assert.rejects(keys.create('memory:key', { algorithm: 'service' }), (error) =>
    isFailure(error, 'UNSUPPORTED'),
  );
});

test('RSASSA-PKCS1-v1_5 signs a digest as it signs the message, and other digests are refused', async () => {
  await using keys = createKeys([memory()]);
  const key = await keys.create('memory:key', { algorithm: 'RS256', bits: 2048 });
  const digest = createHash('sha256').update(MESSAGE).digest();
  const signature = await key.useDigest('RS256').signDigest(digest);
  assert.deepEqual(signature, await key.use('RS256').sign(MESSAGE));
  const native = createPublicKey(key.publicKey?.toPem() ?? '');
  assert.ok(verifyNative('sha256', MESSAGE, native, signature));
  await assert.rejects(key.useDigest('RS256').signDigest(digest.subarray(1)), (error) =>
    isFailure(error, 'ARGUMENT_INVALID'),
  );
  const pss = await keys.create('memory:pss', { algorithm: 'PS256', bits: 2048 });
  assert.throws(
    () => pss.useDigest('PS256'),
    (error) => isFailure(error, 'UNSUPPORTED'),
  );
});

test('what WebCrypto makes, node:crypto opens, and the other way round', async () => {
  const facts = (name: string) => algorithm(name);
  for (const name of ['Ed25519', 'ES256', 'ES384', 'ES512', 'PS256', 'RS256']) {
    const key = await web.generate(facts(name), { bits: 2048 });
    const pkcs8 = await node.importPrivate(await web.exportKey(key));
    const publicKey = await publicKeyOf(decodeSpki(key.spki ?? new Uint8Array()));
    for (const signature of [
      await web.sign(key, facts(name), MESSAGE),
      await node.sign(pkcs8, facts(name), MESSAGE),
    ]) {
      await verify(publicKey, name as 'ES256', MESSAGE, signature);
    }
  }
  const secret = new Uint8Array(32).fill(5);
  const [webKey, nodeKey] = [await web.importSecret(secret), await node.importSecret(secret)];
  const nonce = new Uint8Array(12).fill(1);
  const ciphertext = await web.encrypt(webKey, facts('A256GCM'), nonce, MESSAGE, AAD);
  assert.deepEqual(await node.decrypt(nodeKey, facts('A256GCM'), { nonce, ciphertext }, AAD), MESSAGE);
  assert.deepEqual(
    await web.wrap(webKey, facts('A256KW'), secret),
    await node.wrap(nodeKey, facts('A256KW'), secret),
  );
  const wrapped = await node.wrap(nodeKey, facts('A256KW'), secret);
  assert.deepEqual(await web.unwrap(webKey, facts('A256KW'), wrapped), secret);
  assert.deepEqual(
    await web.mac(webKey, facts('HS256'), MESSAGE),
    await node.mac(nodeKey, facts('HS256'), MESSAGE),
  );
  const code = await node.mac(nodeKey, facts('HS256'), MESSAGE);
  const wrong = [code.subarray(1), new Uint8Array(), code.with(31, (code[31] ?? 0) ^ 1)];
  for (const [runtime, key] of [
    [web, webKey],
    [node, nodeKey],
  ] as const) {
    assert.equal(await runtime.verifyMac(key, facts('HS256'), MESSAGE, code), true);
    for (const other of wrong) {
      assert.equal(await runtime.verifyMac(key, facts('HS256'), MESSAGE, other), false);
    }
  }
  assert.deepEqual(await web.hkdf(secret, AAD, MESSAGE, 16), await node.hkdf(secret, AAD, MESSAGE, 16));
});

test('AES-KW answers the vector of RFC 3394 §4.6', async () => {
  const key = Uint8Array.from({ length: 32 }, (_, at) => at);
  const contentKey = Buffer.from('00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F', 'hex');
  const expected = '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21';
  const wrapped = await node.wrap(await node.importSecret(key), algorithm('A256KW'), contentKey);
  assert.equal(Buffer.from(wrapped).toString('hex'), expected);
});
