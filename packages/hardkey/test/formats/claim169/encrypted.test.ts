import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, inspect } from 'hardkey/formats/claim169';
import { verifyText } from 'hardkey/formats/claim169/verify';
import { encryptEncrypt0 } from 'hardkey/formats/cose';
import { encodeCwt } from '../../../src/formats/cwt/claims.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { AT, coseOf, issuerFor, META, textOf } from './support.ts';

const IDENTITY = { id: '1', fullName: 'Ada' };

const READERS = [
  ['A256GCM', {}, 'encrypt0'],
  ['A128GCM', {}, 'encrypt0'],
  ['RSA-OAEP-256', { bits: 2048 }, 'encrypt'],
  ['A256KW', {}, 'encrypt'],
  ['ECDH-ES+A128KW', { curve: 'P-256' }, 'encrypt'],
  ['ECDH-ES+A128KW', { curve: 'X25519' }, 'encrypt'],
] as const;

for (const [algorithm, spec, kind] of READERS) {
  const on = 'curve' in spec ? ` on ${spec.curve}` : '';
  test(`encrypted by ${algorithm}${on}: the reader verifies, another key is DECRYPTION_FAILED`, async (t) => {
    const { signer, trust } = await issuerFor(t, 'ES256');
    const [key, other] = [await freshKey(t, algorithm, spec), await freshKey(t, algorithm, spec)];
    const { text } = await encode(IDENTITY, META, { signer, encryptTo: key });
    const inspected = await inspect(text);
    assert.deepEqual([inspected.cose, inspected.meta], [kind, undefined]);
    const decoded = await decode(text, { trust, at: AT, decryptWith: key });
    assert.deepEqual([decoded.identity, decoded.meta], [IDENTITY, META]);
    assert.equal(decoded.isVerified(), true);
    const failed = failsWith('DECRYPTION_FAILED');
    await assert.rejects(decode(text, { trust, at: AT, decryptWith: other }), failed);
    const keyless = failsWith('ARGUMENT_INVALID', { field: 'decryptWith' });
    await assert.rejects(decode(text, { trust, at: AT }), keyless);
    await assert.rejects(verifyText(text, { trust, at: AT }), keyless);
  });
}

test('the public key of a reader is enough to encrypt, RSA or of an agreement', async (t) => {
  const { signer, trust } = await issuerFor(t);
  for (const key of [
    await freshKey(t, 'RSA-OAEP-256', { bits: 2048 }),
    await freshKey(t, 'ECDH-ES+A128KW', { curve: 'X25519' }),
  ]) {
    const { publicKey } = key.key;
    assert.ok(publicKey);
    const { text } = await encode(IDENTITY, META, { signer, encryptTo: publicKey });
    assert.equal((await decode(text, { trust, at: AT, decryptWith: key })).isVerified(), true);
  }
});

test('decrypting proves nothing: the signature inside must be of the trust', async (t) => {
  const [issuer, other] = [await issuerFor(t), await issuerFor(t)];
  const key = await freshKey(t, 'A256GCM');
  const { text } = await encode(IDENTITY, META, { signer: other.signer, encryptTo: key });
  const options = { trust: issuer.trust, at: AT, decryptWith: key };
  await assert.rejects(decode(text, options), failsWith('VERIFICATION_FAILED'));

  const bare = encodeCwt(META, new Map([[169, new Map([[1, '1']])]]));
  const unsigned = textOf(await encryptEncrypt0(bare, key));
  await assert.rejects(decode(unsigned, options), failsWith('VERIFICATION_FAILED', { check: 'signature' }));
  const { verification } = await decode(unsigned, { ...options, allowUnsigned: true });
  assert.equal(verification.status, 'unsigned');
});

test('encrypted twice is MALFORMED', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const key = await freshKey(t, 'A256GCM');
  const { text } = await encode(IDENTITY, META, { signer, encryptTo: key, compression: 'zlib' });
  const twice = textOf(await encryptEncrypt0(await coseOf(text), key));
  const options = { trust, at: AT, decryptWith: key };
  await assert.rejects(decode(twice, options), failsWith('MALFORMED', { field: 'cose' }));
});
