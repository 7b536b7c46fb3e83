// Payloads that are signed as they are (RFC 7797).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import { openJws, signGeneralJws, signJws } from 'hardkey/formats/jws';
import { failsWith } from '../../support/failures.ts';
import { A1_KEY } from './rfc.ts';
import { base64url, fresh, headerOf, json, keyOf, utf8 } from './support.ts';

const signer = await fresh('Ed25519');
const trust = await createTrust(signer.publicKey);
const unencoded = { signer, unencoded: true } as const;

test('b64 is false and critical, and what is signed is the payload itself', async () => {
  const payload = utf8('plain ~text!');
  const jws = await signJws(payload, { ...unencoded, keyId: null });
  assert.equal(jws.split('.')[1], 'plain ~text!');
  assert.deepEqual(headerOf(jws), { alg: 'EdDSA', b64: false, crit: ['b64'] });
  const [header = ''] = jws.split('.');
  assert.equal(jws.split('.')[2], base64url(await signer.sign(utf8(`${header}.plain ~text!`))));
  assert.deepEqual((await openJws(jws, { trust })).payload, payload);
});

for (const [what, payload] of [
  ['a dot', utf8('a.b')],
  ['a line end', utf8('a\n')],
  ['a letter beyond ASCII', utf8('é')],
  ['a byte that is no text', Uint8Array.of(0xff)],
] as const)
  test(`${what} cannot be attached to compact text, and can be detached from it`, async () => {
    await assert.rejects(signJws(payload, unencoded), failsWith('ARGUMENT_INVALID', { field: 'payload' }));
    const jws = await signJws(payload, { ...unencoded, detached: true });
    assert.deepEqual((await openJws(jws, { trust, payload })).payload, payload);
  });

test('JSON holds any text, as a string', async () => {
  const payload = utf8('a.b\n"é"\u0000\ufeff\u2028😀');
  for (const jws of [
    await signJws(payload, { ...unencoded, form: 'flattened' }),
    await signGeneralJws(payload, [{ signer }, { signer, keyId: null }], { unencoded: true }),
  ]) {
    assert.equal((JSON.parse(jws) as { payload: string }).payload, 'a.b\n"é"\u0000\ufeff\u2028😀');
    assert.deepEqual((await openJws(jws, { trust })).payload, payload);
    const escaped = jws.replace('é', '\\u00e9');
    assert.deepEqual((await openJws(escaped, { trust })).payload, payload);
  }
  const binary = signJws(Uint8Array.of(0xff), { ...unencoded, form: 'flattened' });
  await assert.rejects(binary, failsWith('ARGUMENT_INVALID', { field: 'payload' }));
});

test('a payload that only some encodings give back is MALFORMED', async () => {
  const compact = await signJws(utf8('a'), unencoded);
  const [header = '', , signature = ''] = compact.split('.');
  const field = failsWith('MALFORMED', { field: 'jws.payload' });
  await assert.rejects(openJws(`${header}.é.${signature}`, { trust }), field);
  await assert.rejects(openJws(`${header}.\n.${signature}`, { trust }), field);
  const halfACharacter = `{"payload":"\\ud800","protected":"${header}","signature":"${signature}"}`;
  await assert.rejects(openJws(halfACharacter, { trust }), field);
});

test('b64 that is false and not critical is MALFORMED, as in an example that went round', async () => {
  // ietf-jose/cookbook, before RFC 7797 asked for crit.
  const mac = await keyOf(A1_KEY, 'HS256');
  const example = 'eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2V9..GsyM6AQJbQHY8aQKCbZSPJHzMRWo3HKIlcDuXof7nqs';
  assert.deepEqual(json(example.split('.')[0]), { alg: 'HS256', b64: false });
  const payload = utf8('$.02');
  await assert.rejects(openJws(example, { mac, payload }), failsWith('MALFORMED', { field: 'jws.b64' }));
});

test('b64 that is true changes nothing, critical or not', async () => {
  for (const header of [
    { alg: 'EdDSA', b64: true },
    { alg: 'EdDSA', b64: true, crit: ['b64'] },
  ]) {
    const encoded = base64url(header);
    const signature = base64url(await signer.sign(utf8(`${encoded}.YQ`)));
    assert.deepEqual((await openJws(`${encoded}.YQ.${signature}`, { trust })).payload, utf8('a'));
  }
});

test('signatures that differ in b64 are MALFORMED (RFC 7797 §3)', async () => {
  const [plain, encoded] = await Promise.all(
    [true, false].map(
      async (one) =>
        JSON.parse(await signJws(utf8('aaaa'), { signer, unencoded: one, form: 'flattened' })) as object,
    ),
  );
  const document = JSON.stringify({ payload: 'aaaa', signatures: [plain, encoded] });
  await assert.rejects(
    openJws(document, { trust, minimumSigners: 1 }),
    failsWith('MALFORMED', { field: 'jws.b64' }),
  );
});

test('a signature over the encoded payload is none over the plain one, and the other way round', async () => {
  const plain = await signJws(utf8('aaaa'), unencoded);
  const [header = '', payload = ''] = plain.split('.');
  const encoded = await signer.sign(utf8(`${header}.${base64url(payload)}`));
  await assert.rejects(
    openJws(`${header}.${payload}.${base64url(encoded)}`, { trust }),
    failsWith('VERIFICATION_FAILED', { check: 'signature' }),
  );
});
