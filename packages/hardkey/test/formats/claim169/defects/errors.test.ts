// §2.1 to §2.3: errors that the claim169 library 0.3 gives no name, the wrong one, or one by its prose.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, type SignatureAlgorithm } from 'hardkey';
import { decode, encode, type Identity, identityFromJson, inspect } from 'hardkey/formats/claim169';
import { CborTag, encodeCbor } from '../../../../src/encoding/cbor/index.ts';
import { decodeHex } from '../../../../src/encoding/hex.ts';
import { decodeCose } from '../../../../src/formats/cose/structure.ts';
import { failsWith } from '../../../support/failures.ts';
import { freshKey } from '../../../support/fresh-key.ts';
import { AT, contentOf, issuerFor, META, textOf } from '../support.ts';

test('a key that is not known is that, and `inspect` says which was asked for', async (t) => {
  const { signer } = await issuerFor(t);
  const known = await freshKey(t, 'Ed25519');
  const { text } = await encode({ id: '7' }, META, { signer, keyId: 'issuer-2' });
  const trust = await createTrust({ ...known.publicKey.toJwk(), kid: 'issuer-1' });
  const refused = failsWith('VERIFICATION_FAILED', { check: 'key.known' });
  await assert.rejects(decode(text, { trust, at: AT }), refused);
  // A failure quotes nothing of a document.
  assert.equal((await inspect(text)).keyId, 'issuer-2');
});

for (const algorithm of ['Ed25519', 'ES256'] as const satisfies readonly SignatureAlgorithm[]) {
  test(`a signature by ${algorithm} of a wrong length or range has the same code as a wrong one`, async (t) => {
    const { signer, trust } = await issuerFor(t, algorithm);
    const cose = await contentOf((await encode({ id: '7' }, META, { signer })).text);
    const { elements } = decodeCose(cose);
    const changed = [63, 65, 70, 64].map((length) => new Uint8Array(length).fill(0xff));
    for (const signature of [...changed, new Uint8Array(64)]) {
      const text = textOf(encodeCbor(new CborTag(18, elements.with(3, signature))));
      const refused = failsWith('VERIFICATION_FAILED', { check: 'signature' });
      await assert.rejects(decode(text, { trust, at: AT }), refused);
    }
  });
}

test('weak keys are refused in every encoding, raw or not', async () => {
  const malformed = failsWith('MALFORMED');
  const order8 = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a';
  const notCanonical = 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f';
  const zero = '00'.repeat(32);
  for (const key of [order8, notCanonical, zero]) {
    await assert.rejects(createTrust(`ed25519:${key}`), malformed, key);
    const spki = Buffer.from(`302a300506032b6570032100${key}`, 'hex').toString('base64');
    const pem = `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`;
    await assert.rejects(createTrust(pem), malformed, key);
  }
  await assert.rejects(createTrust(`p256:04${zero}${zero}`), malformed);
});

test('a key of a wrong length and hexadecimal that is none are coded and named', async () => {
  await assert.rejects(createTrust(`ed25519:${'11'.repeat(31)}`), failsWith('MALFORMED'));
  await assert.rejects(createTrust(`ed25519:${'1g'.repeat(32)}`), failsWith('MALFORMED'));
  assert.throws(() => decodeHex('1g'), failsWith('MALFORMED', { offset: 1 }));
});

test('no trust, a wrong type of a field, and a name that is none are ARGUMENT_INVALID and name it', async (t) => {
  const { signer } = await issuerFor(t);
  const { text } = await encode({ id: '7' }, META, { signer });
  await assert.rejects(decode(text, { at: AT }), failsWith('ARGUMENT_INVALID', { field: 'trust' }));
  for (const [name, value] of [
    ['id', 7],
    ['gender', '1'],
    ['photo', 'ffd8'],
    ['face', {}],
    ['nickname', 'x'],
  ] as const) {
    const wrong = encode({ [name]: value } as Identity, META, { signer });
    await assert.rejects(wrong, failsWith('ARGUMENT_INVALID', { field: `identity.${name}` }));
  }
  const json = () => identityFromJson({ photo: 'not base64!' });
  assert.throws(json, failsWith('ARGUMENT_INVALID', { field: 'identity.photo' }));
});
