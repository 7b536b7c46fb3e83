import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import { decodeSign, openSign, openSign1, signSign, signSign1 } from 'hardkey/formats/cose';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { CborTag, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { PAYLOAD, replaced } from './support.ts';

const WRONG = failsWith('VERIFICATION_FAILED', { check: 'signature' });
const MALFORMED = failsWith('MALFORMED', { field: 'cose' });
const UNKNOWN = failsWith('VERIFICATION_FAILED', { check: 'key.known' });

test('several sign at once, and the report names each in the order of the document', async (t) => {
  const signers = [await freshKey(t, 'ES256'), await freshKey(t, 'Ed25519'), await freshKey(t, 'ES384')];
  const trust = await createTrust(signers.map(({ publicKey }) => publicKey));
  const bytes = await signSign(
    PAYLOAD,
    signers.map((signer) => ({ signer })),
    { protectedHeaders: new Map([[3, 'text/plain']]) },
  );
  const { payload, headers, signatures, refused } = await openSign(bytes, { trust });
  assert.deepEqual(payload, PAYLOAD);
  assert.equal(headers.protected.get(3), 'text/plain');
  assert.deepEqual(
    signatures.map(({ algorithm, key, keyId }) => [algorithm, key.publicKey.id, keyId]),
    signers.map(({ algorithm, publicKey }) => [algorithm, publicKey.id, utf8(publicKey.id)]),
  );
  assert.ok(signatures.every(({ checks }) => checks.every(({ passed }) => passed)));
  assert.deepEqual(refused, []);
});

test('the payload may be detached, and bound to external data', async (t) => {
  const signer = await freshKey(t, 'Ed25519');
  const trust = await createTrust(signer.publicKey);
  const externalAad = utf8('bound');
  const bytes = await signSign(PAYLOAD, [{ signer }], { detached: true, externalAad });
  assert.equal(decodeSign(bytes).payload, undefined);
  const opened = await openSign(bytes, { trust, externalAad, payload: PAYLOAD });
  assert.deepEqual(opened.payload, PAYLOAD);
  await assert.rejects(openSign(bytes, { trust, payload: PAYLOAD }), WRONG);
  await assert.rejects(openSign(bytes, { trust, externalAad, payload: utf8('Another.') }), WRONG);
  const missing = failsWith('ARGUMENT_INVALID', { field: 'payload' });
  await assert.rejects(openSign(bytes, { trust, externalAad }), missing);
});

test('a signature of a COSE_Sign is none of a COSE_Sign1, nor the other way round', async (t) => {
  const signer = await freshKey(t, 'Ed25519');
  const trust = await createTrust(signer.publicKey);
  const one = await signSign1(PAYLOAD, { signer });
  const many = await signSign(PAYLOAD, [{ signer }]);
  const { signatures } = decodeSign(many);
  const [first] = signatures;
  assert.ok(first);
  const { headers, signature } = first;
  const moved = encodeCbor(new CborTag(18, [headers.protectedBytes, new Map(), PAYLOAD, signature]));
  await assert.rejects(openSign1(moved, { trust }), WRONG);
  await assert.rejects(openSign1(many, { trust }), MALFORMED);
  await assert.rejects(openSign(one, { trust }), MALFORMED);
});

test('unless asked otherwise every signature must be genuine', async (t) => {
  const [known, stranger] = [await freshKey(t, 'Ed25519'), await freshKey(t, 'Ed25519')];
  const trust = await createTrust(known.publicKey);
  const bytes = await signSign(PAYLOAD, [{ signer: known }, { signer: stranger, keyId: 'stranger' }]);
  await assert.rejects(openSign(bytes, { trust }), UNKNOWN);
  const { signatures, refused } = await openSign(bytes, { trust, minimumSigners: 1 });
  assert.deepEqual([signatures.length, refused.length], [1, 1]);
  assert.equal(refused[0]?.details.check, 'key.known');
  await assert.rejects(openSign(bytes, { trust, minimumSigners: 2 }), UNKNOWN);
  await assert.rejects(openSign(bytes, { trust: await createTrust([]), minimumSigners: 1 }), UNKNOWN);
});

test('a key that signs twice counts once', async (t) => {
  const signer = await freshKey(t, 'ES256');
  const trust = await createTrust(signer.publicKey);
  const bytes = await signSign(PAYLOAD, [{ signer }, { signer, keyId: null }]);
  assert.equal((await openSign(bytes, { trust })).signatures.length, 2);
  assert.equal((await openSign(bytes, { trust, minimumSigners: 1 })).signatures.length, 2);
  const refused = failsWith('VERIFICATION_FAILED', { check: 'signers' });
  await assert.rejects(openSign(bytes, { trust, minimumSigners: 2 }), refused);
});

test('an algorithm that is not known counts as no signature where some may be missing', async (t) => {
  const signer = await freshKey(t, 'ES256');
  const trust = await createTrust(signer.publicKey);
  const bytes = await signSign(PAYLOAD, [{ signer }]);
  const { signatures } = decodeSign(bytes);
  const exotic: CborValue = [encodeCbor(new Map([[1, -70_000]])), new Map(), new Uint8Array(64)];
  const genuine = signatures.map(({ headers, signature }) => [
    headers.protectedBytes,
    headers.unprotected,
    signature,
  ]);
  const both = replaced(bytes, 3, [exotic, ...genuine]);
  await assert.rejects(openSign(both, { trust }), failsWith('UNSUPPORTED', { field: 'cose.alg' }));
  const { refused } = await openSign(both, { trust, minimumSigners: 1 });
  assert.equal(refused[0]?.code, 'UNSUPPORTED');
});

test('the protected header of the body is signed', async (t) => {
  const signer = await freshKey(t, 'Ed25519');
  const trust = await createTrust(signer.publicKey);
  const bytes = await signSign(PAYLOAD, [{ signer }], { protectedHeaders: new Map([[3, 0]]) });
  await assert.rejects(openSign(replaced(bytes, 0, encodeCbor(new Map([[3, 1]]))), { trust }), WRONG);
  // RFC 9052 §4.4: no parameters and an empty map are one thing.
  const empty = await signSign(PAYLOAD, [{ signer }]);
  assert.deepEqual((await openSign(replaced(empty, 0, Uint8Array.of(0xa0)), { trust })).payload, PAYLOAD);
});

test('signatures that are not as RFC 9052 §4.1 has them are MALFORMED', async (t) => {
  const signer = await freshKey(t, 'Ed25519');
  const trust = await createTrust(signer.publicKey);
  const bytes = await signSign(PAYLOAD, [{ signer }]);
  const one: CborValue = [new Uint8Array(), new Map(), new Uint8Array(64)];
  const wrong: readonly CborValue[] = [
    [],
    null,
    new Uint8Array(64),
    [7],
    [[new Uint8Array(), new Map()]],
    [[new Uint8Array(), new Map(), null]],
    [[new Uint8Array(), [], new Uint8Array(64)]],
    [one],
    Array.from({ length: 17 }, () => one),
  ];
  for (const signatures of wrong) {
    await assert.rejects(openSign(replaced(bytes, 3, signatures), { trust }), MALFORMED);
  }
  await assert.rejects(openSign(concat(bytes, Uint8Array.of(0)), { trust }), MALFORMED);
  await assert.rejects(openSign(replaced(bytes, 2, 'text'), { trust }), MALFORMED);
});

test('arguments that make no sense are ARGUMENT_INVALID and named', async (t) => {
  const signer = await freshKey(t, 'Ed25519');
  const trust = await createTrust(signer.publicKey);
  const bytes = await signSign(PAYLOAD, [{ signer }]);
  const refused = (field: string) => failsWith('ARGUMENT_INVALID', { field });
  await assert.rejects(signSign(PAYLOAD, []), refused('signers'));
  await assert.rejects(
    signSign(
      PAYLOAD,
      Array.from({ length: 17 }, () => ({ signer })),
    ),
    refused('signers'),
  );
  const wrong = { signer, detached: true };
  await assert.rejects(signSign(PAYLOAD, [wrong]), refused('detached'));
  for (const minimumSigners of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(openSign(bytes, { trust, minimumSigners }), refused('minimumSigners'));
  }
  const unknown = { trust, minimum: 1 };
  await assert.rejects(openSign(bytes, unknown), refused('minimum'));
});
