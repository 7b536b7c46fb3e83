// The JSON forms (RFC 7515 §7.2): several signatures, headers that are not protected, and what they may not hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import { openJws, signGeneralJws, signJws } from 'hardkey/formats/jws';
import { failsWith } from '../../support/failures.ts';
import { base64url, fresh, text, utf8 } from './support.ts';

const PAYLOAD = utf8('content');
const [first, second, stranger] = [await fresh('ES256'), await fresh('Ed25519'), await fresh('ES256')];
const trust = await createTrust([first.publicKey, second.publicKey]);

interface General {
  payload?: unknown;
  signatures: { protected?: unknown; header?: unknown; signature?: unknown }[];
}
const general = JSON.parse(await signGeneralJws(PAYLOAD, [{ signer: first }, { signer: second }])) as General;
const flattened = JSON.parse(await signJws(PAYLOAD, { signer: first, form: 'flattened' })) as object;

test('the flattened form holds one signature, the general form any number', async () => {
  assert.deepEqual(Object.keys(flattened), ['payload', 'protected', 'signature']);
  assert.deepEqual(Object.keys(general), ['payload', 'signatures']);
  const alone = JSON.parse(await signJws(PAYLOAD, { signer: first, form: 'general' })) as General;
  assert.equal(alone.signatures.length, 1);
  for (const document of [flattened, general, alone]) {
    assert.equal(text((await openJws(JSON.stringify(document), { trust })).payload), 'content');
    assert.ok(await openJws(` \r\n\t${JSON.stringify(document, undefined, 2)}\n`, { trust }));
  }
});

test('all signatures are reported, in the order of the document', async () => {
  const { signatures, refused, ...opened } = await openJws(JSON.stringify(general), { trust });
  assert.deepEqual(
    signatures.map(({ algorithm, key }) => [algorithm, key.publicKey.fingerprint]),
    [
      ['ES256', first.publicKey.fingerprint],
      ['Ed25519', second.publicKey.fingerprint],
    ],
  );
  assert.ok(signatures.every(({ checks }) => checks.every(({ passed }) => passed)));
  assert.deepEqual([opened.algorithm, opened.keyId, refused], ['ES256', first.publicKey.thumbprint, []]);
});

test('by default one signature that does not verify refuses the whole', async () => {
  const mixed = await signGeneralJws(PAYLOAD, [{ signer: first }, { signer: stranger }]);
  const refusal = { check: 'key.known' };
  await assert.rejects(openJws(mixed, { trust }), failsWith('VERIFICATION_FAILED', refusal));
  const { signatures, refused } = await openJws(mixed, { trust, minimumSigners: 1 });
  assert.deepEqual([signatures.length, refused.length], [1, 1]);
  assert.equal(refused[0]?.details.check, 'key.known');
  await assert.rejects(openJws(mixed, { trust, minimumSigners: 2 }), failsWith('VERIFICATION_FAILED'));
});

test('an algorithm that is not known is passed over where others are enough, and only there', async () => {
  const header = base64url({ alg: 'XX1' });
  const more = { ...general, signatures: [{ protected: header, signature: 'AA' }, ...general.signatures] };
  const document = JSON.stringify(more);
  await assert.rejects(
    openJws(document, { trust }),
    failsWith('UNSUPPORTED', { field: 'jws.signatures.0.alg' }),
  );
  const { refused } = await openJws(document, { trust, minimumSigners: 2 });
  assert.deepEqual(
    refused.map(({ code }) => code),
    ['UNSUPPORTED'],
  );
});

test('whoever signs twice is counted once', async () => {
  const twice = await signGeneralJws(PAYLOAD, [{ signer: first }, { signer: first, keyId: null }]);
  assert.equal((await openJws(twice, { trust })).signatures.length, 2);
  await assert.rejects(
    openJws(twice, { trust, minimumSigners: 2 }),
    failsWith('VERIFICATION_FAILED', { check: 'signers' }),
  );
});

test('a detached payload is a member that is not there', async () => {
  for (const document of [
    await signJws(PAYLOAD, { signer: first, form: 'flattened', detached: true }),
    await signGeneralJws(PAYLOAD, [{ signer: first }], { detached: true }),
  ]) {
    assert.ok(!Object.hasOwn(JSON.parse(document) as object, 'payload'));
    assert.deepEqual((await openJws(document, { trust, payload: PAYLOAD })).payload, PAYLOAD);
    const field = { field: 'payload' };
    await assert.rejects(openJws(document, { trust }), failsWith('ARGUMENT_INVALID', field));
  }
  const empty = await signJws(new Uint8Array(), { signer: first, form: 'flattened' });
  assert.deepEqual((await openJws(empty, { trust })).payload, new Uint8Array());
  const given = openJws(empty, { trust, payload: new Uint8Array() });
  await assert.rejects(given, failsWith('ARGUMENT_INVALID', { field: 'payload' }));
});

test('members that are not known are passed over (RFC 7515 §7.2.1)', async () => {
  assert.ok(await openJws(JSON.stringify({ ...flattened, comment: { a: 1 } }), { trust }));
});

test('an unprotected header is read, reported as such, and covered by nothing', async () => {
  const unprotectedHeaders = { kid: second.publicKey.thumbprint, note: 'changed by anybody' };
  const jws = await signJws(PAYLOAD, { signer: second, keyId: null, unprotectedHeaders, form: 'flattened' });
  const opened = await openJws(jws, { trust });
  assert.deepEqual(opened.headers, { protected: { alg: 'EdDSA' }, unprotected: unprotectedHeaders });
  assert.equal(opened.keyId, second.publicKey.thumbprint);
});

const [one = {}, other = {}] = general.signatures;
const withHeader = (header: unknown) => ({ ...flattened, header });
const many = Array.from({ length: 17 }, () => one);
for (const [what, document, field] of [
  ['both signature and signatures', { ...flattened, ...general }, 'jws.signatures'],
  ['both header and signatures', { ...general, header: {} }, 'jws.signatures'],
  ['no signatures', { ...general, signatures: [] }, 'jws.signatures'],
  ['17 signatures', { ...general, signatures: many }, 'jws.signatures'],
  ['signatures that are no list', { ...general, signatures: one }, 'jws.signatures'],
  ['a signature that is no object', { ...general, signatures: ['a'] }, 'jws.signatures.0'],
  ['no signature', { payload: 'AA', protected: 'AA' }, 'jws.signature'],
  ['a signature that is no text', { ...flattened, signature: 1 }, 'jws.signature'],
  ['a payload that is no text', { ...flattened, payload: 1 }, 'jws.payload'],
  ['a payload that is padded', { ...flattened, payload: 'AA==' }, 'jws.payload'],
  ['no protected header', { payload: 'AA', header: { alg: 'ES256' }, signature: 'AA' }, 'jws.alg'],
  ['an empty protected header', { ...flattened, protected: '' }, 'jws.header'],
  ['a protected header without alg', { ...flattened, protected: 'e30' }, 'jws.alg'],
  ['a header that is no object', withHeader([]), 'jws.header'],
  ['a name that is both protected and not', withHeader({ kid: 'a' }), 'jws.header'],
  ['alg both protected and not', withHeader({ alg: 'ES256' }), 'jws.header'],
  ['crit that is not protected', withHeader({ crit: ['a'], a: 1 }), 'jws.crit'],
  ['b64 that is not protected', withHeader({ b64: false }), 'jws.b64'],
  [
    'a header nested too deeply',
    withHeader(JSON.parse(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`)),
    'jws.header',
  ],
  [
    'an error in the second signature',
    { ...general, signatures: [one, { ...other, header: { alg: 'a' } }] },
    'jws.signatures.1.header',
  ],
] as const)
  test(`${what} is MALFORMED`, async () => {
    await assert.rejects(
      openJws(JSON.stringify(document), { trust, minimumSigners: 1 }),
      failsWith('MALFORMED', { field }),
    );
  });

for (const [what, document] of [
  ['a member that is there twice', JSON.stringify(flattened).replace('{', '{"payload":"AA",')],
  [
    'a member of a header that is there twice',
    JSON.stringify(withHeader({ a: 1 })).replace('{"a"', '{"a":2,"a"'),
  ],
  ['something after the object', `${JSON.stringify(flattened)}{}`],
  ['a list', `[${JSON.stringify(flattened)}]`],
  ['an object that is cut short', JSON.stringify(flattened).slice(0, -1)],
] as const)
  test(`${what} is MALFORMED`, async () => {
    await assert.rejects(openJws(document, { trust }), failsWith('MALFORMED', { field: 'jws' }));
  });
