import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeCose,
  encryptTo,
  macMac0,
  macTo,
  openEncrypt,
  openMac,
  openMac0,
  type Recipient,
  wrapperFor,
} from 'hardkey/formats/cose';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { importedKey, PAYLOAD, replaced, serviceKey } from './support.ts';

const WRONG = failsWith('VERIFICATION_FAILED', { check: 'mac' });
const FAILED = failsWith('DECRYPTION_FAILED');
const MALFORMED = failsWith('MALFORMED', { field: 'cose' });

for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
  test(`COSE_Mac0 by ${algorithm}: attached, detached and bound to external data`, async (t) => {
    const [mac, other] = [await freshKey(t, algorithm), await freshKey(t, algorithm)];
    const opened = await openMac0(await macMac0(PAYLOAD, mac, { keyId: 'shared' }), mac);
    assert.deepEqual([opened.payload, opened.algorithm, opened.keyId], [PAYLOAD, algorithm, utf8('shared')]);
    const externalAad = utf8('bound');
    const bytes = await macMac0(PAYLOAD, mac, { externalAad, detached: true });
    assert.deepEqual((await openMac0(bytes, mac, { externalAad, payload: PAYLOAD })).payload, PAYLOAD);
    await assert.rejects(openMac0(bytes, mac, { payload: PAYLOAD }), WRONG);
    await assert.rejects(openMac0(bytes, mac, { externalAad, payload: utf8('Another.') }), WRONG);
    await assert.rejects(openMac0(bytes, other, { externalAad, payload: PAYLOAD }), WRONG);
    await assert.rejects(openMac0(bytes, mac), failsWith('ARGUMENT_INVALID', { field: 'payload' }));
  });
}

test('a code is as long as its hash: a part of it is not right', async (t) => {
  const mac = await freshKey(t, 'HS256');
  const bytes = await macMac0(PAYLOAD, mac);
  const [, , , code] = decodeCose(bytes).elements;
  assert.ok(code instanceof Uint8Array);
  for (const part of [new Uint8Array(), code.subarray(0, 8), code.subarray(0, 31), concat(code, code)]) {
    await assert.rejects(openMac0(replaced(bytes, 3, part), mac), WRONG);
  }
});

test('another algorithm than that of the key is UNSUPPORTED', async (t) => {
  const [short, long] = [await freshKey(t, 'HS256'), await freshKey(t, 'HS512')];
  const bytes = await macMac0(PAYLOAD, short);
  await assert.rejects(openMac0(bytes, long), failsWith('UNSUPPORTED', { algorithm: 'HS256' }));
  const direct = await macTo(PAYLOAD, [short]);
  const named = { keyId: short.key.id };
  await assert.rejects(openMac(direct, long, named), failsWith('UNSUPPORTED', { algorithm: 'HS256' }));
  const cut = replaced(bytes, 0, encodeCbor(new Map([[1, 4]])));
  await assert.rejects(openMac0(cut, short), failsWith('UNSUPPORTED', { field: 'cose.alg' }));
});

test('a code of a COSE_Mac is none of a COSE_Mac0', async (t) => {
  const mac = await freshKey(t, 'HS256');
  const elements = decodeCose(await macTo(PAYLOAD, [mac])).elements;
  const moved = encodeCbor(elements.slice(0, 4));
  await assert.rejects(openMac0(moved, mac), WRONG);
  await assert.rejects(openMac(await macMac0(PAYLOAD, mac), mac), MALFORMED);
});

test('each of several recipients of a COSE_Mac checks its code, by the public key or the shared one', async (t) => {
  const rsa = await freshKey(t, 'RSA-OAEP-256', { bits: 2048 });
  const p521 = await freshKey(t, 'ECDH-ES+A256KW', { curve: 'P-521' });
  const shared = await freshKey(t, 'A192KW');
  assert.ok(rsa.key.publicKey);
  const recipients: readonly Recipient[] = [wrapperFor(rsa.key.publicKey), p521, shared];
  const externalAad = utf8('bound');
  for (const macAlgorithm of ['HS256', 'HS384', 'HS512'] as const) {
    const bytes = await macTo(PAYLOAD, recipients, { externalAad, macAlgorithm });
    for (const key of [rsa, p521, shared]) {
      assert.deepEqual((await openMac(bytes, key, { externalAad })).payload, PAYLOAD);
      await assert.rejects(openMac(bytes, key), WRONG);
    }
    await assert.rejects(openMac(bytes, await freshKey(t, 'A192KW'), { externalAad }), FAILED);
  }
});

test('a COSE_Mac may be detached', async (t) => {
  const reader = await freshKey(t, 'A256KW');
  const bytes = await macTo(PAYLOAD, [reader], { detached: true });
  assert.deepEqual((await openMac(bytes, reader, { payload: PAYLOAD })).payload, PAYLOAD);
  await assert.rejects(openMac(bytes, reader, { payload: utf8('Another.') }), WRONG);
});

test('a content key of another length than the hash does not open, an empty one least of all', async (t) => {
  const reader = await freshKey(t, 'A256KW');
  const bytes = await macTo(PAYLOAD, [reader]);
  const [, , , , recipients] = decodeCose(bytes).elements;
  const [[first, second]] = recipients as [[CborValue, CborValue]];
  for (const length of [16, 24, 40, 64]) {
    const wrapped = await reader.wrap(new Uint8Array(length));
    await assert.rejects(openMac(replaced(bytes, 4, [[first, second, wrapped]]), reader), FAILED);
  }
  const nothing = { ...serviceKey(reader), unwrap: async () => new Uint8Array() };
  const own = await macTo(PAYLOAD, [serviceKey(reader)], { allowService: true });
  await assert.rejects(openMac(own, nothing, { allowService: true }), FAILED);
});

test('who has the content key itself is alone, and is named', async (t) => {
  const [aead, mac, wrap] = [
    await freshKey(t, 'A128GCM'),
    await freshKey(t, 'HS256'),
    await freshKey(t, 'A128KW'),
  ];
  const encrypted = await encryptTo(PAYLOAD, [aead]);
  assert.deepEqual(await openEncrypt(encrypted, aead), PAYLOAD);
  const [, , , list] = decodeCose(encrypted).elements;
  // RFC 9053 §6.1.1: nothing protected, the algorithm and the kid, and nothing carried.
  const parameters = new Map<CborValue, CborValue>([
    [1, -6],
    [4, utf8(aead.key.id)],
  ]);
  assert.deepEqual(encodeCbor(list), encodeCbor([[new Uint8Array(), parameters, new Uint8Array()]]));
  const refused = failsWith('ARGUMENT_INVALID', { field: 'recipients' });
  await assert.rejects(encryptTo(PAYLOAD, [aead, wrap]), refused);
  await assert.rejects(macTo(PAYLOAD, [wrap, mac]), refused);
  const wrong = failsWith('ARGUMENT_INVALID', { field: 'contentAlgorithm' });
  await assert.rejects(encryptTo(PAYLOAD, [aead], { contentAlgorithm: 'A256GCM' }), wrong);
  const wrongMac = failsWith('ARGUMENT_INVALID', { field: 'macAlgorithm' });
  await assert.rejects(macTo(PAYLOAD, [mac], { macAlgorithm: 'HS512' }), wrongMac);
  // Another key is another name, and under the right one its content does not open.
  const other = await freshKey(t, 'A128GCM');
  await assert.rejects(openEncrypt(encrypted, other), FAILED);
  await assert.rejects(openEncrypt(encrypted, other, { keyId: aead.key.id }), FAILED);
  await assert.rejects(openEncrypt(encrypted, wrap), FAILED);
  await assert.rejects(openEncrypt(await encryptTo(PAYLOAD, [wrap]), aead), FAILED);
});

test('a direct recipient beside another, with protected parameters or a content key is MALFORMED', async (t) => {
  const aead = await freshKey(t, 'A128GCM');
  const bytes = await encryptTo(PAYLOAD, [aead]);
  const direct = new Map<CborValue, CborValue>([[1, -6]]);
  const nothing = new Uint8Array();
  const good: CborValue = [nothing, direct, nothing];
  assert.deepEqual(await openEncrypt(replaced(bytes, 3, [good]), aead), PAYLOAD);
  const wrong: readonly CborValue[] = [
    [good, good],
    [good, [nothing, new Map([[1, -3]]), new Uint8Array(24)]],
    [[decodeHex('a10125'), new Map(), nothing]],
    [[decodeHex('a10300'), direct, nothing]],
    [[nothing, direct, Uint8Array.of(1)]],
    [[nothing, direct, null]],
  ];
  for (const list of wrong) await assert.rejects(openEncrypt(replaced(bytes, 3, list), aead), MALFORMED);
});

test('a key that documents call otherwise is found by that name', async (t) => {
  const bytes = new Uint8Array(16).fill(7);
  const reader = await importedKey(t, 'A128KW', bytes);
  const renamed = { ...reader, key: { ...reader.key, id: 'our-secret' } };
  const document = await encryptTo(PAYLOAD, [renamed]);
  await assert.rejects(openEncrypt(document, reader), FAILED);
  assert.deepEqual(await openEncrypt(document, reader, { keyId: 'our-secret' }), PAYLOAD);
  assert.deepEqual(await openEncrypt(document, reader, { keyId: utf8('our-secret') }), PAYLOAD);
  await assert.rejects(openEncrypt(document, reader, { keyId: 'another' }), FAILED);
});
