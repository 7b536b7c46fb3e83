// Credentials by another implementation of COSE, and ours by it: it knows nothing of Claim 169.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Algorithms, Encrypt0, EncryptionAlgorithms, Sign1 } from '@auth0/cose';
import { createTrust, type SignatureAlgorithm } from 'hardkey';
import { decode, encode } from 'hardkey/formats/claim169';
import { utf8 } from '../../../../src/encoding/bytes.ts';
import { encodePayload } from '../../../../src/formats/claim169/claims.ts';
import { importedKey } from '../../cose/support.ts';
import { AT, contentOf, issuerFor, META, textOf } from '../support.ts';

const IDENTITY = { id: '7', fullName: 'Ada Example', gender: 2 };
const PAYLOAD = encodePayload(IDENTITY, META).bytes;

/** Our name, theirs, and a key of node:crypto. */
const ALGORITHMS: readonly (readonly [SignatureAlgorithm, keyof typeof Algorithms, () => Pair])[] = [
  ['Ed25519', 'EdDSA', () => generateKeyPairSync('ed25519')],
  ['ES256', 'ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['ES384', 'ES384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['ES512', 'ES512', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  ['PS256', 'PS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
];

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

for (const [algorithm, theirs, generate] of ALGORITHMS) {
  test(`@auth0/cose verifies our credentials by ${algorithm}, and we verify those it signs`, async (t) => {
    const { signer } = await issuerFor(t, algorithm);
    const ours = await contentOf((await encode(IDENTITY, META, { signer })).text);
    const key = createPublicKey(signer.publicKey.toPem());
    await Sign1.decode(ours).verify(key);
    assert.deepEqual(Uint8Array.from(Sign1.decode(ours).payload), PAYLOAD);
    await assert.rejects(Sign1.decode(ours).verify(generate().publicKey));

    const pair = generate();
    const headers = new Map([[4, utf8('k-1')]]);
    const their = await Sign1.sign([[1, Algorithms[theirs]]], headers as never, PAYLOAD, pair.privateKey);
    const trust = await createTrust(pair.publicKey.export({ format: 'pem', type: 'spki' }).toString());
    const decoded = await decode(textOf(Uint8Array.from(their.encode())), { trust, at: AT });
    assert.deepEqual([decoded.identity, decoded.meta, decoded.isVerified()], [IDENTITY, META, true]);
    // Their kid is not protected, and is said to be so.
    assert.deepEqual(
      decoded.warnings.map(({ code, path }) => [code, path]),
      [['unprotected-header', 'cose.4']],
    );
  });
}

for (const [algorithm, bytes] of [
  ['A128GCM', 16],
  ['A192GCM', 24],
  ['A256GCM', 32],
] as const) {
  test(`@auth0/cose opens our credentials encrypted by ${algorithm}, and we open those it encrypts`, async (t) => {
    const { signer, trust } = await issuerFor(t);
    const secret = Uint8Array.from(randomBytes(bytes));
    const key = await importedKey(t, algorithm, secret);
    const signed = await contentOf((await encode(IDENTITY, META, { signer })).text);
    const ours = await contentOf((await encode(IDENTITY, META, { signer, encryptTo: key })).text);
    const opened = await Encrypt0.decode(ours).decrypt(secret);
    await Sign1.decode(opened).verify(createPublicKey(signer.publicKey.toPem()));

    const header: [[1, EncryptionAlgorithms]] = [[1, EncryptionAlgorithms[algorithm]]];
    const their = await Encrypt0.encrypt(header, undefined, signed, secret);
    const text = textOf(Uint8Array.from(their.encode()));
    const decoded = await decode(text, { trust, at: AT, decryptWith: key });
    assert.deepEqual([decoded.identity, decoded.isVerified()], [IDENTITY, true]);
  });
}
