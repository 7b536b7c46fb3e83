// Encryption by the package's own functions and by callbacks, with signatures of either algorithm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aead } from 'hardkey';
import { decode, encode } from 'hardkey/formats/claim169';
import { aeadOf } from '../../../../src/core/content-keys.ts';
import { encodeHex } from '../../../../src/encoding/hex.ts';
import { AT } from '../support.ts';
import { ask, skip } from './ask.ts';
import { fromNames, toNames } from './names.ts';
import { generated, LATER, type Name, shared } from './shared.ts';

const OURS = { profile: 'claim169-0.3', at: AT } as const;
const BOTH: readonly (readonly [Name, 'A128GCM' | 'A256GCM'])[] = [
  ['EdDSA', 'A128GCM'],
  ['EdDSA', 'A256GCM'],
  ['ES256', 'A128GCM'],
  ['ES256', 'A256GCM'],
];

for (const [algorithm, name] of BOTH) {
  test(`signed by ${algorithm} and encrypted by ${name}, each side reads the other, also by callbacks`, {
    skip,
  }, async (t) => {
    const { signer, key, pub, trust } = await shared(t, algorithm);
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
    const asked = ours.map(({ text }, index) => ({
      op: 'decode' as const,
      text,
      pub,
      aes,
      callbacks: index % 3 === 0,
    }));
    const theirs = given.map(([identity, meta], index) => ({
      op: 'encode' as const,
      claim: toNames(identity),
      meta: toNames(meta),
      key,
      algorithm,
      aes,
      ...(algorithm === 'ES256' && index % 2 === 0 && { kid: '6b2d31' }),
    }));
    const answers = ask([...asked, ...theirs]);
    for (const [index, [identity, meta]] of given.entries()) {
      const { error, claim = {}, verified } = answers[index] ?? {};
      assert.equal(error, undefined);
      assert.deepEqual([fromNames(claim), verified], [identity, true]);
      const { text = '' } = answers[given.length + index] ?? {};
      const decoded = await decode(text, { ...OURS, trust, decryptWith: aead });
      assert.deepEqual([decoded.identity, decoded.meta, decoded.isVerified()], [identity, meta, true]);
      assert.equal(decoded.verification.keyId === 'k-1', algorithm === 'ES256' && index % 2 === 0);
    }
  });
}
