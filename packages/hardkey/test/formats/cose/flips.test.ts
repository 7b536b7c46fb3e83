// Every bit of every structure, for every algorithm: what is covered cannot be changed unnoticed, and
// what is not covered cannot change the content.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import {
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
import { freshKey } from '../../support/fresh-key.ts';
import { issuerFor } from '../claim169/support.ts';
import { changeEveryBit, coveredBytes, PAYLOAD, serviceKey } from './support.ts';

const SIGNATURES = [
  'ES256',
  'ES384',
  'ES512',
  'ES256K',
  'Ed25519',
  'Ed448',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const;

for (const algorithm of SIGNATURES) {
  test(`no bit of a COSE_Sign1 by ${algorithm} changes unnoticed`, async (t) => {
    const bits = { bits: 2048 };
    const signer = await freshKey(t, algorithm, /^[PR]S/.test(algorithm) ? bits : {});
    const trust = await createTrust(signer.publicKey);
    const bytes = await signSign1(PAYLOAD, { signer, unprotectedHeaders: new Map([[3, 'text/plain']]) });
    const open = async (changed: Uint8Array) => (await openSign1(changed, { trust })).payload;
    // Only what the open header says of the content's type can be something else.
    assert.ok((await changeEveryBit(bytes, open)) > 0);
  });
}

for (const algorithm of ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const) {
  test(`no bit of a COSE_Sign1 by ${algorithm}, and one of each byte of its signature, changes unnoticed`, async (t) => {
    const { signer, trust } = await issuerFor(t, algorithm);
    const bytes = await signSign1(PAYLOAD, { signer });
    const signature = bytes.length - (await signer.sign(PAYLOAD)).length;
    const open = async (changed: Uint8Array) => (await openSign1(changed, { trust })).payload;
    const which = (byte: number, bit: number) => byte < signature || bit === byte % 8;
    assert.equal(await changeEveryBit(bytes, open, which), 0);
  });
}

test('no bit of a COSE_Sign by two signers changes unnoticed', async (t) => {
  const [one, two] = [await freshKey(t, 'ES256'), await freshKey(t, 'Ed25519')];
  const trust = await createTrust([one.publicKey, two.publicKey]);
  const bytes = await signSign(PAYLOAD, [{ signer: one }, { signer: two }], {
    protectedHeaders: new Map([[3, 0]]),
  });
  const open = async (changed: Uint8Array) => (await openSign(changed, { trust })).payload;
  assert.equal(await changeEveryBit(bytes, open), 0);
});

/** Under six other labels a `kid` is no name, and whoever has the key opens. */
const LABEL_OF_KID = 6;

for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
  test(`no bit of a COSE_Mac0 or a direct COSE_Mac by ${algorithm} changes unnoticed`, async (t) => {
    const mac = await freshKey(t, algorithm);
    const single = await macMac0(PAYLOAD, mac, { keyId: 'shared' });
    assert.equal(await changeEveryBit(single, async (one) => (await openMac0(one, mac)).payload), 0);
    const direct = await macTo(PAYLOAD, [mac]);
    const open = async (one: Uint8Array) => (await openMac(one, mac)).payload;
    assert.equal(await changeEveryBit(direct, open), LABEL_OF_KID);
  });
}

for (const algorithm of ['A128GCM', 'A192GCM', 'A256GCM', 'ChaCha20-Poly1305'] as const) {
  test(`no bit of a COSE_Encrypt0 or a direct COSE_Encrypt by ${algorithm} changes unnoticed`, async (t) => {
    const key = await freshKey(t, algorithm);
    const single = await encryptEncrypt0(PAYLOAD, key);
    assert.equal(await changeEveryBit(single, (one) => openEncrypt0(one, key)), 0);
    const direct = await encryptTo(PAYLOAD, [key]);
    assert.equal(await changeEveryBit(direct, (one) => openEncrypt(one, key)), LABEL_OF_KID);
  });
}

const READERS = [
  ['A128KW', {}],
  ['A192KW', {}],
  ['A256KW', {}],
  ['RSA-OAEP-256', { bits: 2048 }],
  ['ECDH-ES+A128KW', { curve: 'X25519' }],
  ['ECDH-ES+A192KW', { curve: 'P-256' }],
  ['ECDH-ES+A256KW', { curve: 'P-384' }],
] as const;

for (const [algorithm, spec] of READERS) {
  test(`no bit of a COSE_Encrypt or a COSE_Mac for ${algorithm} changes unnoticed`, async (t) => {
    const reader = await freshKey(t, algorithm, spec);
    const encrypted = await encryptTo(PAYLOAD, [reader]);
    const coded = await macTo(PAYLOAD, [reader]);
    assert.ok(coveredBytes(coded).size > PAYLOAD.length + 32);
    // The sign of a coordinate and the label of a kid: nothing but names.
    assert.ok((await changeEveryBit(encrypted, (one) => openEncrypt(one, reader))) < 200);
    const open = async (one: Uint8Array) => (await openMac(one, reader)).payload;
    // The content key is as well covered here as there, and RSA takes its time.
    const isQuick = (byte: number, bit: number) =>
      algorithm !== 'RSA-OAEP-256' || byte < coded.length - 256 || bit === byte % 8;
    assert.ok((await changeEveryBit(coded, open, isQuick)) < 200);
  });
}

test('no bit of a COSE_Encrypt for a service changes unnoticed', async (t) => {
  const reader = serviceKey(await freshKey(t, 'A256KW'));
  const bytes = await encryptTo(PAYLOAD, [reader], { allowService: true });
  const open = (one: Uint8Array) => openEncrypt(one, reader, { allowService: true });
  assert.ok((await changeEveryBit(bytes, open)) < 200);
});
