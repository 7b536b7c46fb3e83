// What the package cannot read of what others may issue, and what it makes of the rest: said in
// docs/formats/claim169.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import { decode, type EncodeOptions, encode } from 'hardkey/formats/claim169';
import { encodeHex } from '../../../../src/encoding/hex.ts';
import { authority, signer as certificateOf } from '../../../support/certificates.ts';
import { freshKey } from '../../../support/fresh-key.ts';
import { signerOf } from '../../cose/support.ts';
import { AT, issuerFor, META } from '../support.ts';
import { ask, skip } from './ask.ts';
import { toNames } from './names.ts';
import { generated, shared } from './shared.ts';

const IDENTITY = { id: '7', fullName: 'Ada' };

test('of what the default profile can write, the package reads zlib and COSE_Encrypt0, and no more', {
  skip,
}, async (t) => {
  const { signer, pub } = await shared(t, 'ES256');
  const aes = await freshKey(t, 'A256GCM');
  const ways: readonly (readonly [string, Omit<EncodeOptions, 'signer'>, string | undefined])[] = [
    ['zlib', { compression: 'zlib' }, undefined],
    ['Brotli', { compression: 'brotli' }, 'CoseParseError'],
    ['mosip', { profile: 'mosip' }, 'CoseParseError'],
    ['A256KW', { compression: 'zlib', encryptTo: await freshKey(t, 'A256KW') }, 'CoseParseError'],
    [
      'RSA',
      { compression: 'zlib', encryptTo: await freshKey(t, 'RSA-OAEP-256', { bits: 2048 }) },
      'CoseParseError',
    ],
    [
      'ECDH',
      { compression: 'zlib', encryptTo: await freshKey(t, 'ECDH-ES+A128KW', { curve: 'P-256' }) },
      'CoseParseError',
    ],
    // Encrypted as the package has it: without the key it says so, and does not call it broken.
    ['A256GCM', { compression: 'zlib', encryptTo: aes }, 'DecryptionError'],
  ];
  const texts = await Promise.all(ways.map(([, options]) => encode(IDENTITY, META, { signer, ...options })));
  const answers = ask(texts.map(({ text }) => ({ op: 'decode', text, pub })));
  assert.deepEqual(
    ways.map(([name], index) => [name, answers[index]?.error]),
    ways.map(([name, , error]) => [name, error]),
  );
});

for (const algorithm of ['ES384', 'ES512', 'PS256'] as const) {
  test(`the package does not verify ${algorithm}, and the profile claim169-0.3 does not write it`, {
    skip,
  }, async (t) => {
    const { signer } = await issuerFor(t, algorithm);
    const { pub } = await shared(t, 'ES256');
    const { text } = await encode(IDENTITY, META, { signer, compression: 'zlib' });
    const [answer] = ask([{ op: 'decode', text, pub }]);
    assert.ok(answer?.error !== undefined && answer.verified === undefined, answer?.error);
    const refused = encode(IDENTITY, META, { signer, profile: 'claim169-0.3' });
    await assert.rejects(refused, { code: 'UNSUPPORTED' });
  });
}

test('certificates in the header are handed on by the package as they were put in, and validated here', {
  skip,
}, async () => {
  const root = authority({ subject: 'root' });
  const leaf = certificateOf({ subject: 'signer', issuer: root });
  const signer = await signerOf(leaf);
  const certificates = [leaf.der, root.der];
  const { text } = await encode(IDENTITY, META, { signer, certificates, compression: 'zlib' });
  const [answer] = ask([{ op: 'decode', text, pub: encodeHex(signer.publicKey.toRaw()) }]);
  assert.deepEqual([answer?.verified, answer?.x5chain], [true, certificates.map(encodeHex)]);
  const decoded = await decode(text, { trust: await createTrust(root.der), at: AT });
  assert.deepEqual(
    [decoded.isVerified(), decoded.x509?.x5chain?.map(encodeHex)],
    [true, certificates.map(encodeHex)],
  );
});

test('what the package leaves unsigned is never verified here, with every value', { skip }, async (t) => {
  const { trust } = await issuerFor(t);
  const given = generated(false).slice(0, 20);
  const answers = ask(
    given.map(([identity, meta]) => ({
      op: 'encode',
      claim: toNames(identity),
      meta: toNames(meta),
      key: '',
      algorithm: 'none',
    })),
  );
  for (const [index, [identity]] of given.entries()) {
    const { text = '' } = answers[index] ?? {};
    await assert.rejects(decode(text, { trust, at: AT }), { code: 'VERIFICATION_FAILED' });
    const decoded = await decode(text, { at: AT, allowUnsigned: true, time: 'report' });
    assert.deepEqual([decoded.identity, decoded.isVerified()], [identity, false]);
  }
});

test('by callbacks, too, both sides have one verdict on a changed signature and another key', {
  skip,
}, async (t) => {
  const [own, other] = [await shared(t, 'ES256'), await shared(t, 'ES256')];
  const { text } = await encode(IDENTITY, {}, { signer: own.signer, profile: 'claim169-0.3' });
  const [right, wrong] = ask([
    { op: 'decode', text, pub: own.pub, callbacks: true },
    { op: 'decode', text, pub: other.pub, callbacks: true },
  ]);
  assert.deepEqual([right?.verified, wrong?.error], [true, 'SignatureError']);
});
