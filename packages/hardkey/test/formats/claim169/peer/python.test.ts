// The published Python package `claim169` 0.3.0, in both directions, over generated identities.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { type Aead, createKeys, createTrust, type Signer } from 'hardkey';
import { decode, encode, type Identity, type Meta } from 'hardkey/formats/claim169';
import { decodeCose } from 'hardkey/formats/cose';
import { memory } from 'hardkey/providers/memory';
import { exportPrivateKey } from 'hardkey/unsafe';
import { aeadOf } from '../../../../src/core/content-keys.ts';
import { utf8 } from '../../../../src/encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../../../src/encoding/hex.ts';
import { identities } from '../identities.ts';
import { AT, coseOf, NOW } from '../support.ts';
import { ask, skip } from './ask.ts';
import { fromNames, toNames } from './names.ts';

const ROUNDS = 60;
/** After this the package refuses what is encrypted: there it cannot be told not to look. */
const LATER = 4_000_000_000;
const SEED = 169;

type Name = 'EdDSA' | 'ES256';

/** A key that both sides sign with. */
async function shared(t: TestContext, name: Name) {
  const algorithm = name === 'EdDSA' ? 'Ed25519' : name;
  const keys = createKeys([memory()]);
  t.after(() => keys.close());
  const key = await keys.create('memory:peer', { algorithm });
  const signer: Signer = key.use(algorithm);
  const secret = await exportPrivateKey(key);
  // The last 32 bytes of PKCS #8 are Ed25519's; those of P-256 stand after the version of ECPrivateKey.
  const hex = secret.use((pkcs8) => encodeHex(privateBytes(pkcs8, name)));
  const raw = signer.publicKey.toRaw();
  return { signer, trust: await createTrust(signer.publicKey), key: hex, pub: encodeHex(raw) };
}

function privateBytes(pkcs8: Uint8Array, name: Name): Uint8Array {
  if (name === 'EdDSA') return pkcs8.slice(-32);
  const at = pkcs8.findIndex(
    (_, i) => pkcs8[i] === 2 && pkcs8[i + 1] === 1 && pkcs8[i + 2] === 1 && pkcs8[i + 3] === 4,
  );
  return pkcs8.slice(at + 5, at + 37);
}

const metas: fc.Arbitrary<Meta> = fc.record(
  {
    issuer: fc.constantFrom('https://issuer.example', 'www.mosip.io', 'COUN', 'ä'),
    subject: fc.string({ unit: 'grapheme', maxLength: 12 }),
    expiresAt: fc.integer({ min: LATER, max: 2 ** 40 }),
    notBefore: fc.integer({ min: -5, max: NOW }),
    issuedAt: fc.integer({ min: 0, max: NOW }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** The package cannot be given a list of fingers, which it reads. */
const generated = (fingers: boolean): readonly (readonly [Identity, Meta])[] =>
  fc
    .sample(fc.tuple(identities, metas), { numRuns: ROUNDS, seed: SEED })
    .map(([{ bestQualityFingers, ...rest }, meta]) => [
      fingers && bestQualityFingers ? { ...rest, bestQualityFingers } : rest,
      meta,
    ]);

const OURS = { profile: 'claim169-0.3', at: AT } as const;

for (const name of ['EdDSA', 'ES256'] as const) {
  test(`what we write in ${name}, the package reads, with every value`, { skip }, async (t) => {
    const { signer, pub } = await shared(t, name);
    const given = generated(true);
    const texts = await Promise.all(
      given.map(([identity, meta], index) =>
        encode(identity, meta, { signer, profile: 'claim169-0.3', ...(index % 2 === 0 && { keyId: null }) }),
      ),
    );
    const answers = ask(texts.map(({ text }) => ({ op: 'decode', text, pub })));
    for (const [index, [identity, meta]] of given.entries()) {
      const { error, claim, meta: read, verified, kid } = answers[index] ?? {};
      assert.equal(error, undefined);
      assert.deepEqual([claim, read, verified], [toNames(identity), toNames(meta), true]);
      assert.equal(kid, index % 2 === 0 ? null : encodeHex(utf8(signer.publicKey.id)));
    }
  });

  test(`what the package writes in ${name}, we read, with every value`, { skip }, async (t) => {
    const { key, trust } = await shared(t, name);
    const given = generated(false);
    const kid = '6b2d31';
    const answers = ask(
      given.map(([identity, meta], index) => ({
        op: 'encode',
        claim: toNames(identity),
        meta: toNames(meta),
        key,
        algorithm: name,
        ...(index % 2 === 1 && { kid }),
      })),
    );
    for (const [index, [identity, meta]] of given.entries()) {
      const { text = '', error } = answers[index] ?? {};
      assert.equal(error, undefined);
      const decoded = await decode(text, { ...OURS, trust });
      assert.deepEqual([decoded.identity, decoded.meta, decoded.isVerified()], [identity, meta, true]);
      assert.equal(decoded.verification.keyId === 'k-1', index % 2 === 1);
      // Zlib is zlib: the default profile reads it, too.
      assert.deepEqual((await decode(text, { trust, at: AT })).identity, identity);
    }
  });

  test(`${name}: the same identity is the same bytes on both sides`, { skip }, async (t) => {
    const { signer, key } = await shared(t, name);
    const given = generated(false);
    for (const kid of [undefined, '6b2d31']) {
      const answers = ask(
        given.map(([identity, meta]) => ({
          op: 'encode',
          claim: toNames(identity),
          meta: toNames(meta),
          key,
          algorithm: name,
          ...(kid && { kid }),
        })),
      );
      for (const [index, [identity, meta]] of given.entries()) {
        const theirs = await coseOf(answers[index]?.text ?? '');
        const keyId = kid === undefined ? null : decodeHex(kid);
        const ours = await coseOf(
          (await encode(identity, meta, { signer, keyId, profile: 'claim169-0.3' })).text,
        );
        // ECDSA is not the same twice; Ed25519 is.
        const signed = name === 'EdDSA' ? 4 : 3;
        const parts = (cose: Uint8Array) => decodeCose(cose).elements.slice(0, signed);
        assert.deepEqual(parts(ours), parts(theirs));
        if (name === 'EdDSA') assert.deepEqual(Uint8Array.from(ours), Uint8Array.from(theirs));
      }
    }
  });
}

for (const name of ['A128GCM', 'A256GCM'] as const) {
  test(`encrypted by ${name}, each side reads the other`, { skip }, async (t) => {
    const { signer, key, pub, trust } = await shared(t, 'EdDSA');
    const secret = crypto.getRandomValues(new Uint8Array(name === 'A128GCM' ? 16 : 32));
    const aes = encodeHex(secret);
    const aead: Aead = await aeadOf(secret, name);
    const given = generated(false)
      .slice(0, 20)
      .map(([identity, { notBefore: _, ...meta }]) => [identity, { ...meta, expiresAt: LATER }] as const);
    const ours = await Promise.all(
      given.map(([identity, meta], index) =>
        encode(identity, meta, {
          signer,
          encryptTo: aead,
          profile: 'claim169-0.3',
          // What the package never writes, and reads all the same.
          ...(index % 2 === 0 && { encryptionKeyId: 'reader-1' }),
        }),
      ),
    );
    const theirs = given.map(([identity, meta]) => ({
      op: 'encode' as const,
      claim: toNames(identity),
      meta: toNames(meta),
      key,
      algorithm: 'EdDSA',
      aes,
    }));
    const answers = ask([...ours.map(({ text }) => ({ op: 'decode' as const, text, pub, aes })), ...theirs]);
    for (const [index, [identity, meta]] of given.entries()) {
      const { error, claim = {}, verified } = answers[index] ?? {};
      assert.equal(error, undefined);
      assert.deepEqual([fromNames(claim), verified], [identity, true]);
      const { text = '' } = answers[given.length + index] ?? {};
      const decoded = await decode(text, { ...OURS, trust, decryptWith: aead });
      assert.deepEqual([decoded.identity, decoded.meta, decoded.isVerified()], [identity, meta, true]);
    }
  });
}

test('a changed signature, another key and no compression: both sides have one verdict', {
  skip,
}, async (t) => {
  const [own, other] = [await shared(t, 'EdDSA'), await shared(t, 'EdDSA')];
  const { text } = await encode({ id: '1' }, {}, { signer: own.signer, profile: 'claim169-0.3' });
  const [right, wrong] = ask([
    { op: 'decode', text, pub: own.pub },
    { op: 'decode', text, pub: other.pub },
  ]);
  assert.deepEqual([right?.verified, wrong?.error], [true, 'SignatureError']);
  await assert.rejects(decode(text, { ...OURS, trust: other.trust }), { code: 'VERIFICATION_FAILED' });
});
