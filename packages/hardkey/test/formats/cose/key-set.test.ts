import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createTrust, type PublicKey } from 'hardkey';
import {
  decodeCoseKey,
  decodeCoseKeySet,
  encodeCoseKey,
  encodeCoseKeySet,
  openSign1,
  signSign1,
} from 'hardkey/formats/cose';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { concat, fromUtf8, utf8 } from '../../../src/encoding/bytes.ts';
import { type CborMap, type CborValue, decodeCbor, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { PAYLOAD } from './support.ts';

const found = vectors('cose/KeySet.txt');
const skip = found.missing ?? false;
const MALFORMED = failsWith('MALFORMED', { field: 'coseKey' });

/** The keys that the file gives in diagnostic notation. The lines of JSON after them are no COSE_Key. */
function keysOfFile(): readonly CborMap[] {
  const text = readFileSync(found.path, 'utf8')
    .replaceAll(/\/[^/]*\//g, '')
    .replaceAll(/\s+/g, '');
  const [diagnostic = ''] = text.split('{"1"');
  return [...diagnostic.matchAll(/\{([^{}]*)\}/g)].map(([, entries = '']) => {
    const pairs = [...entries.matchAll(/(-?\d+):(?:(-?\d+)|h'([0-9a-f]*)'|'([^']*)')/g)];
    return new Map(
      pairs.map(([, label, number, hex, name]): [CborValue, CborValue] => [
        Number(label),
        number === undefined ? (hex === undefined ? utf8(name ?? '') : decodeHex(hex)) : Number(number),
      ]),
    );
  });
}

test('the keys of KeySet.txt: every public one is read, by its name; the symmetric ones are passed over', {
  skip,
}, async () => {
  const given = keysOfFile();
  const isSymmetric = (key: CborMap) => key.get(1) === 4;
  assert.deepEqual([given.length, given.filter(isSymmetric).length], [7, 3]);
  const read = await decodeCoseKeySet(encodeCbor(given));
  const names = read.map(({ keyId }) => fromUtf8(keyId ?? new Uint8Array()));
  const expected = given.filter((key) => !isSymmetric(key)).map((key) => fromUtf8(key.get(2) as Uint8Array));
  assert.deepEqual(names, expected);
  // Private parameters are not taken over.
  for (const { publicKey } of read) assert.ok(!(decodeCbor(publicKey.toCoseKey()) as CborMap).has(-4));
  const trust = await createTrust(encodeCbor(given));
  assert.deepEqual(
    trust.keys.map(({ keyId }) => keyId),
    expected,
  );
});

test('the first key of KeySet.txt verifies the examples of key 11', { skip }, async () => {
  const [key = new Map()] = keysOfFile();
  const { publicKey } = await decodeCoseKey(encodeCbor(key));
  // RFC 9052 appendix C.2.1.
  const bytes = decodeHex(
    'd28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34cc6b23' +
      'd58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36',
  );
  const trust = await createTrust(encodeCoseKey({ publicKey, keyId: '11' }));
  const { payload, keyId } = await openSign1(bytes, { trust });
  assert.deepEqual([payload, keyId], [PAYLOAD, utf8('11')]);
});

test('a set that was written is read as it was, and trusted as it says', async (t) => {
  const [old, current] = [await freshKey(t, 'ES256'), await freshKey(t, 'ES256')];
  const ed = await freshKey(t, 'Ed25519');
  const pq = await freshKey(t, 'ML-DSA-44');
  const rsa = await freshKey(t, 'PS256', { bits: 2048 });
  const set = encodeCoseKeySet([
    { publicKey: old.publicKey, keyId: '2025' },
    { publicKey: current.publicKey, keyId: Uint8Array.of(1, 2), algorithm: 'ES256' },
    { publicKey: ed.publicKey },
    { publicKey: pq.publicKey, algorithm: 'ML-DSA-44' },
    { publicKey: rsa.publicKey, keyId: 'rsa', algorithm: 'PS256' },
  ]);
  const read = await decodeCoseKeySet(set);
  assert.deepEqual(
    read.map(({ publicKey, keyId, algorithm }) => [publicKey.fingerprint, keyId, algorithm]),
    [
      [old.publicKey.fingerprint, utf8('2025'), undefined],
      [current.publicKey.fingerprint, Uint8Array.of(1, 2), 'ES256'],
      [ed.publicKey.fingerprint, undefined, undefined],
      [pq.publicKey.fingerprint, undefined, 'ML-DSA-44'],
      [rsa.publicKey.fingerprint, utf8('rsa'), 'PS256'],
    ],
  );
  const trust = await createTrust(set);
  assert.deepEqual(trust.keys.at(-1)?.algorithms, ['PS256']);
  for (const [signer, keyId] of [
    [old, '2025'],
    [current, Uint8Array.of(1, 2)],
    [ed, null],
  ] as const) {
    assert.deepEqual(
      (await openSign1(await signSign1(PAYLOAD, { signer, keyId }), { trust })).payload,
      PAYLOAD,
    );
  }
});

test('keys are written deterministically, for agreements and wrapping too', async (t) => {
  const agreement = await freshKey(t, 'ECDH-ES+A128KW', { curve: 'X25519' });
  const bytes = encodeCoseKey({ publicKey: agreement.publicKey, keyId: 'a', algorithm: 'ECDH-ES+A128KW' });
  assert.deepEqual(encodeCbor(decodeCbor(bytes, { deterministic: true })), bytes);
  const { algorithm, publicKey } = await decodeCoseKey(bytes);
  assert.deepEqual([algorithm, publicKey.id], ['ECDH-ES+A128KW', agreement.publicKey.id]);
});

test('an algorithm that is not the key’s is neither written nor read', async (t) => {
  const { publicKey } = await freshKey(t, 'ES256');
  const refused = failsWith('ARGUMENT_INVALID', { field: 'algorithm' });
  assert.throws(() => encodeCoseKey({ publicKey, algorithm: 'ES384' }), refused);
  assert.throws(() => encodeCoseKey({ publicKey, algorithm: 'A128GCM' }), refused);
  const changed = (alg: CborValue) => encodeCbor(new Map(parametersOf(publicKey)).set(3, alg));
  const unknown = failsWith('UNSUPPORTED', { field: 'coseKey.alg' });
  for (const alg of [-35, -70_000, 'ES256', null]) {
    await assert.rejects(decodeCoseKey(changed(alg)), unknown);
    assert.deepEqual(await decodeCoseKeySet(encodeCbor([decodeCbor(changed(alg))])), []);
  }
});

test('what is no key set is MALFORMED, and one broken key breaks it', async (t) => {
  const { publicKey } = await freshKey(t, 'ES256');
  const good = new Map(parametersOf(publicKey));
  const wrong: readonly CborValue[] = [
    [],
    7,
    good,
    [7],
    [new Map(good).set(2, 'text')],
    [new Map(good).set(-2, new Uint8Array(31))],
    [good, new Map(good).set(-3, new Uint8Array(32))],
  ];
  for (const value of wrong)
    await assert.rejects(decodeCoseKeySet(encodeCbor(value)), failsWith('MALFORMED'));
  const bytes = encodeCoseKeySet([{ publicKey }]);
  await assert.rejects(decodeCoseKeySet(concat(bytes, Uint8Array.of(0))), MALFORMED);
  assert.throws(() => encodeCoseKeySet([]), failsWith('ARGUMENT_INVALID', { field: 'keys' }));
});

function parametersOf(publicKey: PublicKey): CborMap {
  return decodeCbor(publicKey.toCoseKey()) as CborMap;
}
