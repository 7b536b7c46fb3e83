import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import { decodeCose, decodeSign1, openSign1, signSign1 } from 'hardkey/formats/cose';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { CborTag, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { authority, signer as certificateOf } from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';
import { issuerFor } from '../claim169/support.ts';
import { signerOf } from './support.ts';

const PAYLOAD = utf8('This is the content.');
const MALFORMED = failsWith('MALFORMED', { field: 'cose' });

for (const algorithm of ['ES256', 'ES384', 'ES512', 'Ed25519', 'Ed448', 'PS256', 'ML-DSA-44'] as const) {
  test(`${algorithm}: a payload comes back, attached, detached and bound to external data`, async (t) => {
    const { signer, trust } = await issuerFor(t, algorithm);
    const attached = await openSign1(await signSign1(PAYLOAD, { signer }), { trust });
    assert.deepEqual([attached.payload, attached.algorithm], [PAYLOAD, algorithm]);
    assert.deepEqual(attached.keyId, utf8(signer.publicKey.id));

    const detached = await signSign1(PAYLOAD, { signer, detached: true });
    assert.deepEqual((await openSign1(detached, { trust, payload: PAYLOAD })).payload, PAYLOAD);
    const wrong = failsWith('VERIFICATION_FAILED', { check: 'signature' });
    await assert.rejects(openSign1(detached, { trust, payload: utf8('Another.') }), wrong);

    const externalAad = utf8('bound');
    const bound = await signSign1(PAYLOAD, { signer, externalAad });
    assert.deepEqual((await openSign1(bound, { trust, externalAad })).payload, PAYLOAD);
    await assert.rejects(openSign1(bound, { trust }), wrong);
  });
}

test('the payload is given exactly where it is detached', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const attached = await signSign1(PAYLOAD, { signer });
  const detached = await signSign1(PAYLOAD, { signer, detached: true });
  const refused = failsWith('ARGUMENT_INVALID', { field: 'payload' });
  await assert.rejects(openSign1(attached, { trust, payload: PAYLOAD }), refused);
  await assert.rejects(openSign1(detached, { trust }), refused);
});

test('another key, another algorithm of the key, or an empty trust is VERIFICATION_FAILED', async (t) => {
  const [issuer, other] = [await issuerFor(t), await issuerFor(t)];
  const bytes = await signSign1(PAYLOAD, { signer: issuer.signer, keyId: null });
  const wrong = failsWith('VERIFICATION_FAILED');
  await assert.rejects(openSign1(bytes, { trust: other.trust }), wrong);
  const unknown = failsWith('VERIFICATION_FAILED', { check: 'key.known' });
  await assert.rejects(openSign1(bytes, { trust: await createTrust([]) }), unknown);
});

/** The first three elements of a COSE_Sign1 that is not as RFC 9052 §3 has it; nobody signed them. */
const NOT_HEADERS: readonly (readonly [string, CborValue, CborValue])[] = [
  ['a protected header that is a map', new Map([[1, -8]]), new Map()],
  ['a protected header that holds an array', decodeHex('80'), new Map()],
  ['bytes after the protected map', decodeHex('a1012700'), new Map()],
  ['a repeated protected label', decodeHex('a201270127'), new Map()],
  ['an unprotected header that is an array', decodeHex('a10127'), []],
  ['a label in both headers', decodeHex('a10127'), new Map([[1, -8]])],
  ['a label that is neither integer nor text', decodeHex('a20127f401'), new Map()],
  ['no algorithm', new Uint8Array(), new Map()],
  ['an algorithm that is not protected', new Uint8Array(), new Map([[1, -8]])],
  ['an algorithm that is bytes', decodeHex('a1014127'), new Map()],
  ['a kid that is text', decodeHex('a2012704616b'), new Map()],
  ['crit that is not protected', decodeHex('a10127'), new Map<CborValue, CborValue>([[2, [1]]])],
  ['crit that is empty', decodeHex('a201270280'), new Map()],
  ['crit that is no list', decodeHex('a201270201'), new Map()],
  ['crit that names what is not there', decodeHex('a20127028104'), new Map()],
  ['an x5chain that is text', decodeHex('a10127'), new Map<CborValue, CborValue>([[33, 'x']])],
  ['an x5t without a hash', decodeHex('a10127'), new Map<CborValue, CborValue>([[34, [-16]]])],
];

for (const [what, first, second] of NOT_HEADERS) {
  test(`${what} is MALFORMED`, async (t) => {
    const { trust } = await issuerFor(t);
    const bytes = encodeCbor(new CborTag(18, [first, second, PAYLOAD, new Uint8Array(64)]));
    await assert.rejects(openSign1(bytes, { trust }), MALFORMED);
  });
}

test('a critical parameter counts: one that is understood passes, another is UNSUPPORTED', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const protect = (label: CborValue, value: CborValue) =>
    signSign1(PAYLOAD, {
      signer,
      protectedHeaders: new Map([
        [2, [label]],
        [label, value],
      ]),
    });
  assert.deepEqual((await openSign1(await protect(3, 0), { trust })).payload, PAYLOAD);
  const refused = failsWith('UNSUPPORTED', { field: 'cose.crit' });
  for (const label of [15, -70_000, 'exotic']) {
    await assert.rejects(openSign1(await protect(label, 1), { trust }), refused);
  }
});

test('what is not one COSE_Sign1 is MALFORMED', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const bytes = await signSign1(PAYLOAD, { signer });
  const elements = decodeCose(bytes).elements;
  const untagged = encodeCbor(elements);
  assert.deepEqual((await openSign1(untagged, { trust })).payload, PAYLOAD);
  const wrong: readonly Uint8Array[] = [
    new Uint8Array(),
    concat(bytes, Uint8Array.of(0)),
    bytes.subarray(0, -1),
    encodeCbor(new CborTag(98, elements)),
    encodeCbor(new CborTag(16, elements.slice(0, 3))),
    encodeCbor(new CborTag(18, elements.slice(0, 3))),
    encodeCbor(new CborTag(18, [...elements, 0])),
    encodeCbor(new CborTag(18, new CborTag(18, elements))),
    encodeCbor(new CborTag(61, new CborTag(18, elements))),
    encodeCbor([...elements.slice(0, 2), 'text', new Uint8Array(64)]),
    encodeCbor([...elements.slice(0, 3), null]),
    encodeCbor(7),
  ];
  for (const one of wrong) await assert.rejects(openSign1(one, { trust }), MALFORMED);
});

test('an encoding of the protected header is verified as it was received', async (t) => {
  const { signer, trust } = await issuerFor(t);
  // The algorithm in a longer form than needed: not deterministic, and signed as it is.
  const protectedBytes = decodeHex('a1013807');
  const message = encodeCbor(['Signature1', protectedBytes, new Uint8Array(), PAYLOAD]);
  const bytes = encodeCbor(new CborTag(18, [protectedBytes, new Map(), PAYLOAD, await signer.sign(message)]));
  assert.deepEqual((await openSign1(bytes, { trust })).payload, PAYLOAD);
  const shorter = encodeCbor(
    new CborTag(18, [decodeHex('a10127'), new Map(), PAYLOAD, decodeSign1(bytes).signature]),
  );
  await assert.rejects(openSign1(shorter, { trust }), failsWith('VERIFICATION_FAILED'));
});

test('a certificate in the header counts where it leads to a root of the trust', async () => {
  const root = authority({ subject: 'root' });
  const leaf = certificateOf({ subject: 'leaf', issuer: root });
  const stranger = authority({ subject: 'root' });
  const signer = await signerOf(leaf);
  const at = new Date('2026-06-01T00:00:00Z');
  const bytes = await signSign1(PAYLOAD, {
    signer,
    keyId: null,
    unprotectedHeaders: new Map([[33, leaf.der]]),
  });
  const { payload, key } = await openSign1(bytes, { trust: await createTrust(root.der), at });
  assert.deepEqual([payload, key.publicKey.id], [PAYLOAD, signer.publicKey.id]);
  const refused = failsWith('VERIFICATION_FAILED');
  await assert.rejects(openSign1(bytes, { trust: await createTrust(stranger.der), at }), refused);
  await assert.rejects(openSign1(bytes, { trust: await createTrust([]), at }), refused);
});
