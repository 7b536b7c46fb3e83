import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createKeys, type SignatureAlgorithm } from 'hardkey';
import { memory } from 'hardkey/providers/memory';
import { verifiesDigests, verifyDigest } from '#crypto';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { algorithm, algorithms } from '../../../src/core/algorithms.ts';
import { importPublicKey } from '../../../src/core/import-public-key.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';

const wycheproof = vectors('wycheproof/ecdsa_secp256r1_sha256_p1363_test.json');

interface File {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly publicKeyPem: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

test('every verdict of Wycheproof, over the digest of the message', {
  skip: wycheproof.missing ?? false,
}, async () => {
  const { numberOfTests, testGroups } = JSON.parse(readFileSync(wycheproof.path, 'utf8')) as File;
  let seen = 0;
  for (const { publicKeyPem, tests } of testGroups) {
    const key = await importPublicKey(publicKeyPem);
    for (const { tcId, msg, sig, result } of tests) {
      const digest = createHash('sha256').update(decodeHex(msg)).digest();
      const right = await verifyDigest(key, algorithm('ES256'), digest, decodeHex(sig));
      assert.equal(right, result === 'valid', `case ${tcId}`);
      seen++;
    }
  }
  assert.equal(seen, numberOfTests);
});

const CURVES = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1', ES256K: 'secp256k1' } as const;
const HASHES = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512', ES256K: 'sha256' } as const;

for (const name of Object.keys(CURVES) as (keyof typeof CURVES)[]) {
  test(`${name}: OpenSSL verifies over the message what was signed over its digest, and the other way`, async () => {
    const keys = createKeys([memory()]);
    const key = await keys.create(`memory:${name}`, { algorithm: name });
    const { publicKey, signDigest } = key.useDigest(name);
    const facts = algorithm(name);
    for (let at = 0; at < 16; at++) {
      const message = Uint8Array.of(at);
      const digest = Uint8Array.from(createHash(HASHES[name]).update(message).digest());
      const signature = await signDigest(digest);
      const native = { key: publicKey.toPem(), dsaEncoding: 'ieee-p1363' } as const;
      assert.ok(verify(HASHES[name], message, native, signature));
      assert.ok(await verifyDigest(publicKey, facts, digest, signature));
      const other = Uint8Array.from(digest, (byte, index) => (index === at ? byte ^ 1 : byte));
      assert.ok(!(await verifyDigest(publicKey, facts, other, signature)));
      assert.ok(!(await verifyDigest(publicKey, facts, digest, signature.subarray(1))));
    }
    const pair = generateKeyPairSync('ec', { namedCurve: CURVES[name] });
    const theirs = await importPublicKey(
      Uint8Array.from(pair.publicKey.export({ type: 'spki', format: 'der' })),
    );
    const message = Uint8Array.of(1, 2, 3);
    const digest = Uint8Array.from(createHash(HASHES[name]).update(message).digest());
    const signature = sign(HASHES[name], message, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
    assert.ok(await verifyDigest(theirs, facts, digest, Uint8Array.from(signature)));
    await keys.close();
  });
}

test('two signatures over one digest differ: the nonce is not of the digest and the key alone', async () => {
  const key = await createKeys([memory()]).create('memory:a', { algorithm: 'ES256' });
  const signer = key.useDigest('ES256');
  const digest = new Uint8Array(32).fill(7);
  assert.notDeepEqual(await signer.signDigest(digest), await signer.signDigest(digest));
});

test('digests are verified for ECDSA and RSASSA-PKCS1-v1_5, and for nothing else', () => {
  const names = algorithms.filter(verifiesDigests).map(({ name }) => name);
  const expected: readonly SignatureAlgorithm[] = [
    'ES256',
    'ES384',
    'ES512',
    'ES256K',
    'RS256',
    'RS384',
    'RS512',
  ];
  assert.deepEqual(names, expected);
});
