// The published Python package `claim169` 0.3.0, in both directions, over generated identities.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from 'hardkey/formats/claim169';
import { decodeCose } from 'hardkey/formats/cose';
import { utf8 } from '../../../../src/encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../../../src/encoding/hex.ts';
import { AT, coseOf } from '../support.ts';
import { ask, skip } from './ask.ts';
import { toNames } from './names.ts';
import { generated, shared } from './shared.ts';

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
