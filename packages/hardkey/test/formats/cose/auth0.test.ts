// Another implementation of COSE in JavaScript, in both directions.
import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  Algorithms as Auth0Algorithm,
  Encrypt,
  Encrypt0,
  EncryptionAlgorithms,
  Mac0,
  MacAlgorithms,
  ProtectedHeaders,
  Recipient,
  Sign,
  Sign1,
} from '@auth0/cose';
import { createTrust, importPublicKey, type Signer } from 'hardkey';
import {
  encryptEncrypt0,
  encryptTo,
  macMac0,
  openEncrypt,
  openEncrypt0,
  openMac0,
  openSign,
  openSign1,
  signSign,
  signSign1,
} from 'hardkey/formats/cose';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { failsWith } from '../../support/failures.ts';
import { importedKey, PAYLOAD } from './support.ts';

const KEYS = {
  EdDSA: ['Ed25519', () => generateKeyPairSync('ed25519')],
  ES256: ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ES384: ['ES384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ES512: ['ES512', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  PS256: ['PS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  RS256: ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
} as const;

type Pair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

async function ours(
  t: Parameters<typeof importedKey>[0],
  algorithm: (typeof KEYS)[keyof typeof KEYS][0],
  { privateKey }: Pair,
): Promise<Signer> {
  return importedKey(t, algorithm, Uint8Array.from(privateKey.export({ format: 'der', type: 'pkcs8' })));
}

async function trustIn({ publicKey }: Pair): ReturnType<typeof createTrust> {
  return createTrust(await importPublicKey(publicKey.export({ format: 'pem', type: 'spki' }).toString()));
}

for (const [theirs, [algorithm, generate]] of Object.entries(KEYS)) {
  const id = Auth0Algorithm[theirs as keyof typeof KEYS];

  test(`@auth0/cose and this verify each other’s COSE_Sign1 by ${algorithm}`, async (t) => {
    const pair: Pair = generate();
    const signer = await ours(t, algorithm, pair);
    const externalAad = utf8('bound');
    const bytes = await signSign1(PAYLOAD, { signer, externalAad });
    await Sign1.decode(bytes).verify(pair.publicKey, { externalAAD: externalAad });
    await assert.rejects(Sign1.decode(bytes).verify(pair.publicKey));
    const detached = await signSign1(PAYLOAD, { signer, detached: true });
    await Sign1.decode(detached).verify(pair.publicKey, { detachedPayload: PAYLOAD });

    const headers = new Map([[4, utf8('their-key')]]);
    const their = await Sign1.sign([[1, id]], headers as never, PAYLOAD, pair.privateKey);
    const trust = await trustIn(pair);
    const { payload, keyId } = await openSign1(Uint8Array.from(their.encode()), { trust });
    assert.deepEqual(
      [Uint8Array.from(payload), keyId && Uint8Array.from(keyId)],
      [PAYLOAD, utf8('their-key')],
    );
  });
}

test('@auth0/cose verifies our COSE_Sign by the key of either signer', async (t) => {
  const [one, two]: [Pair, Pair] = [KEYS.ES256[1](), KEYS.EdDSA[1]()];
  const [first, second] = [await ours(t, 'ES256', one), await ours(t, 'Ed25519', two)];
  const protectedHeaders = new Map([[3, 0]]);
  const bytes = await signSign(PAYLOAD, [{ signer: first }, { signer: second }], { protectedHeaders });
  await Sign.decode(bytes).verify(one.publicKey);
  await Sign.decode(bytes).verify(two.publicKey);
  await assert.rejects(Sign.decode(bytes).verify(KEYS.ES256[1]().publicKey));
});

test('@auth0/cose writes the inner headers of COSE_Sign and COSE_Encrypt as maps, which is MALFORMED', async (t) => {
  const malformed = failsWith('MALFORMED', { field: 'cose' });
  const pair: Pair = KEYS.EdDSA[1]();
  const protectedHeaders = new ProtectedHeaders([[1, Auth0Algorithm.EdDSA]]);
  const signed = await Sign.sign([[3, 0]], undefined, PAYLOAD, [{ key: pair.privateKey, protectedHeaders }]);
  await assert.rejects(openSign(Uint8Array.from(signed.encode()), { trust: await trustIn(pair) }), malformed);
  const secret = Uint8Array.from(randomBytes(16));
  const recipient = new Recipient(new Map(), new Map([[1, -6]]), new Uint8Array());
  const header: [[1, EncryptionAlgorithms]] = [[1, EncryptionAlgorithms.A128GCM]];
  const encrypted = await Encrypt.encrypt(header, undefined, PAYLOAD, secret, undefined, [recipient]);
  const opening = openEncrypt(Uint8Array.from(encrypted.encode()), await importedKey(t, 'A128GCM', secret));
  await assert.rejects(opening, malformed);
});

for (const [algorithm, bytes] of [
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
] as const) {
  test(`@auth0/cose and this check each other’s COSE_Mac0 by ${algorithm}`, async (t) => {
    const secret = Uint8Array.from(randomBytes(bytes));
    const mac = await importedKey(t, algorithm, secret);
    await Mac0.decode(await macMac0(PAYLOAD, mac)).verify(createSecretKey(secret));
    const their = await Mac0.create(
      [[1, MacAlgorithms[algorithm]]],
      undefined,
      PAYLOAD,
      createSecretKey(secret),
    );
    const { payload } = await openMac0(Uint8Array.from(their.encode()), mac);
    assert.deepEqual(Uint8Array.from(payload), PAYLOAD);
  });
}

for (const [algorithm, bytes] of [
  ['A128GCM', 16],
  ['A192GCM', 24],
  ['A256GCM', 32],
] as const) {
  test(`@auth0/cose and this open each other’s COSE_Encrypt0 and direct COSE_Encrypt by ${algorithm}`, async (t) => {
    const secret = Uint8Array.from(randomBytes(bytes));
    const key = await importedKey(t, algorithm, secret);
    const externalAad = utf8('bound');
    const ours = await encryptEncrypt0(PAYLOAD, key, { externalAad });
    const opened = await Encrypt0.decode(ours).decrypt(secret, { externalAAD: externalAad });
    assert.deepEqual(Uint8Array.from(opened), PAYLOAD);

    const header: [[1, EncryptionAlgorithms]] = [[1, EncryptionAlgorithms[algorithm]]];
    const their = await Encrypt0.encrypt(header, undefined, PAYLOAD, secret);
    assert.deepEqual(Uint8Array.from(await openEncrypt0(Uint8Array.from(their.encode()), key)), PAYLOAD);

    const direct = await encryptTo(PAYLOAD, [key]);
    assert.deepEqual(Uint8Array.from(await Encrypt.decode(direct).decrypt(secret)), PAYLOAD);
  });
}
