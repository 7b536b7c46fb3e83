// Another implementation of COSE, in Python, in both directions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, importPublicKey } from 'hardkey';
import {
  detachContent,
  encryptEncrypt0,
  encryptTo,
  macMac0,
  macTo,
  openEncrypt,
  openEncrypt0,
  openMac,
  openMac0,
  openSign,
  openSign1,
  signSign,
  signSign1,
} from 'hardkey/formats/cose';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { encodeHex } from '../../../src/encoding/hex.ts';
import { ask, freshJwk, freshSecret, refuses, skip } from './cwt-peer.ts';
import { importedKey, PAYLOAD } from './support.ts';

const AAD = utf8('bound');
const aad = encodeHex(AAD);
const payload = encodeHex(PAYLOAD);

/** Our name, the curve or kind of key, and the name the peer has. */
const SIGNATURES = [
  ['Ed25519', 'Ed25519', 'EdDSA'],
  ['ES256', 'P-256', 'ES256'],
  ['ES384', 'P-384', 'ES384'],
  ['ES512', 'P-521', 'ES512'],
  ['ES256K', 'secp256k1', 'ES256K'],
  ['PS256', 'RSA', 'PS256'],
  ['RS512', 'RSA', 'RS512'],
] as const;

for (const [algorithm, kind, alg] of SIGNATURES) {
  test(`cwt and this verify each other’s COSE_Sign1 by ${algorithm}`, { skip }, async (t) => {
    const [secret, open] = freshJwk(kind);
    const signer = await importedKey(t, algorithm, secret);
    const keys = [{ ...open, alg, kid: signer.publicKey.id }];
    const bytes = await signSign1(PAYLOAD, { signer, externalAad: AAD });
    assert.deepEqual(ask({ do: 'open', cose: encodeHex(bytes), keys, aad }), PAYLOAD);
    assert.ok(refuses({ do: 'open', cose: encodeHex(bytes), keys }));
    const { cose } = detachContent(bytes);
    assert.deepEqual(ask({ do: 'open', cose: encodeHex(cose), keys, aad, detached: payload }), PAYLOAD);
    const theirs = ask({ do: 'make', payload, key: { ...secret, alg, kid: signer.publicKey.id }, aad });
    const trust = await createTrust(await importPublicKey(open));
    assert.deepEqual((await openSign1(theirs, { trust, externalAad: AAD })).payload, PAYLOAD);
  });
}

test('cwt and this verify each other’s COSE_Sign', { skip }, async (t) => {
  const [first, second] = [freshJwk('P-256'), freshJwk('Ed25519')];
  const [one, two] = [await importedKey(t, 'ES256', first[0]), await importedKey(t, 'Ed25519', second[0])];
  const bytes = await signSign(PAYLOAD, [{ signer: one }, { signer: two }], { externalAad: AAD });
  const named = [
    { ...first[1], alg: 'ES256', kid: one.publicKey.id },
    { ...second[1], alg: 'EdDSA', kid: two.publicKey.id },
  ];
  for (const key of named) {
    assert.deepEqual(ask({ do: 'open', cose: encodeHex(bytes), keys: [key], aad }), PAYLOAD);
  }
  const signers = [
    { ...first[0], alg: 'ES256', kid: '1' },
    { ...second[0], alg: 'EdDSA', kid: '2' },
  ];
  const trust = await createTrust([one.publicKey, two.publicKey]);
  const opened = await openSign(ask({ do: 'make', payload, signers, aad }), { trust, externalAad: AAD });
  assert.deepEqual([opened.payload, opened.signatures.length], [PAYLOAD, 2]);
});

for (const [algorithm, length] of [
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
] as const) {
  test(`cwt and this check each other’s COSE_Mac0 and direct COSE_Mac by ${algorithm}`, {
    skip,
  }, async (t) => {
    const [secret, key] = freshSecret(algorithm, length);
    const mac = await importedKey(t, algorithm, secret);
    const single = await macMac0(PAYLOAD, mac, { keyId: 'shared', externalAad: AAD });
    assert.deepEqual(ask({ do: 'open', cose: encodeHex(single), keys: [key], aad }), PAYLOAD);
    const theirs = ask({ do: 'make', payload, key, aad });
    assert.deepEqual((await openMac0(theirs, mac, { externalAad: AAD })).payload, PAYLOAD);
    const direct = encodeHex(await macTo(PAYLOAD, [mac]));
    assert.deepEqual(ask({ do: 'open', cose: direct, keys: [{ ...key, kid: mac.key.id }] }), PAYLOAD);
    const many = ask({ do: 'make', payload, key, recipients: [{ alg: 'direct', kid: 'shared' }] });
    assert.deepEqual((await openMac(many, mac, { keyId: 'shared' })).payload, PAYLOAD);
  });
}

for (const [algorithm, length, alg] of [
  ['A128GCM', 16, 'A128GCM'],
  ['A192GCM', 24, 'A192GCM'],
  ['A256GCM', 32, 'A256GCM'],
  ['ChaCha20-Poly1305', 32, 'ChaCha20/Poly1305'],
] as const) {
  test(`cwt and this open each other’s COSE_Encrypt0 and direct COSE_Encrypt by ${algorithm}`, {
    skip,
  }, async (t) => {
    const [secret, key] = freshSecret(alg, length);
    const aead = await importedKey(t, algorithm, secret);
    const single = await encryptEncrypt0(PAYLOAD, aead, { keyId: 'shared', externalAad: AAD });
    assert.deepEqual(ask({ do: 'open', cose: encodeHex(single), keys: [key], aad }), PAYLOAD);
    const theirs = ask({ do: 'make', payload, key, aad });
    assert.deepEqual(await openEncrypt0(theirs, aead, { externalAad: AAD }), PAYLOAD);
    const direct = encodeHex(await encryptTo(PAYLOAD, [aead]));
    assert.deepEqual(ask({ do: 'open', cose: direct, keys: [{ ...key, kid: aead.key.id }] }), PAYLOAD);
    const many = ask({ do: 'make', payload, key, recipients: [{ alg: 'direct', kid: 'shared' }] });
    assert.deepEqual(await openEncrypt(many, aead, { keyId: 'shared' }), PAYLOAD);
  });
}

for (const [algorithm, length] of [
  ['A128KW', 16],
  ['A192KW', 24],
  ['A256KW', 32],
] as const) {
  test(`cwt and this open each other’s COSE_Encrypt and COSE_Mac for ${algorithm}`, { skip }, async (t) => {
    const [secret, key] = freshSecret(algorithm, length);
    const reader = await importedKey(t, algorithm, secret);
    const keys = [{ ...key, kid: reader.key.id }];
    const encrypted = encodeHex(await encryptTo(PAYLOAD, [reader], { externalAad: AAD }));
    assert.deepEqual(ask({ do: 'open', cose: encrypted, keys, aad }), PAYLOAD);
    const coded = encodeHex(await macTo(PAYLOAD, [reader], { externalAad: AAD }));
    assert.deepEqual(ask({ do: 'open', cose: coded, keys, aad }), PAYLOAD);
    const recipients = [{ alg: algorithm, kid: 'shared', key }];
    const [, content] = freshSecret('A256GCM', 32);
    const theirs = ask({ do: 'make', payload, key: content, recipients, aad });
    assert.deepEqual(await openEncrypt(theirs, reader, { keyId: 'shared', externalAad: AAD }), PAYLOAD);
    const [, code] = freshSecret('HS512', 64);
    const theirMac = ask({ do: 'make', payload, key: code, recipients, aad });
    const opened = await openMac(theirMac, reader, { keyId: 'shared', externalAad: AAD });
    assert.deepEqual([opened.payload, opened.algorithm], [PAYLOAD, 'HS512']);
  });
}

// On P-256 alone: on other curves the peer derives with their hash, and RFC 9053 table 20 has SHA-256 for all.
for (const algorithm of ['ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW'] as const) {
  test(`cwt and this open each other’s COSE_Encrypt for ${algorithm} on P-256`, { skip }, async (t) => {
    const [secret, open] = freshJwk('P-256');
    const reader = await importedKey(t, algorithm, secret);
    const key = { ...secret, alg: algorithm, kid: reader.key.id };
    const encrypted = encodeHex(await encryptTo(PAYLOAD, [reader], { contentAlgorithm: 'A128GCM' }));
    // RFC 9053 §5.2: the algorithm of the context is that of the key that is derived.
    const context = { alg: algorithm.slice('ECDH-ES+'.length) };
    assert.deepEqual(ask({ do: 'open', cose: encrypted, keys: [key], context }), PAYLOAD);
    const to = {
      alg: algorithm,
      kid: 'reader',
      key: { ...open, alg: algorithm, kid: 'reader' },
      context: context.alg,
    };
    const [, content] = freshSecret('A128GCM', 16);
    const theirs = ask({ do: 'make', payload, key: content, recipients: [to] });
    assert.deepEqual(await openEncrypt(theirs, reader, { keyId: 'reader' }), PAYLOAD);
  });
}
