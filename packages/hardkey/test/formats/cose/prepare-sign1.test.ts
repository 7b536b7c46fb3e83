import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeSign1, openSign1, prepareSign1, signatureStructure, signSign1 } from 'hardkey/formats/cose';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { failsWith } from '../../support/failures.ts';
import { issuerFor } from '../claim169/support.ts';
import { PAYLOAD, replaced, withBit } from './support.ts';

for (const algorithm of ['Ed25519', 'ES256', 'ML-DSA-44'] as const) {
  test(`${algorithm}: two steps make what one step makes, of the public half alone`, async (t) => {
    const { signer, trust } = await issuerFor(t, algorithm);
    const { publicKey } = signer;
    const externalAad = utf8('bound');
    for (const options of [{}, { detached: true }, { tagged: false, externalAad }]) {
      const { toBeSigned, unsigned } = prepareSign1(PAYLOAD, {
        signer: { algorithm, publicKey },
        ...options,
      });
      const signature = await signer.sign(toBeSigned);
      const given = 'externalAad' in options ? { externalAad } : {};
      const detached = 'detached' in options ? { payload: PAYLOAD } : {};
      const bytes = await completeSign1(unsigned, signature, { publicKey, ...given, ...detached });
      assert.deepEqual((await openSign1(bytes, { trust, ...given, ...detached })).payload, PAYLOAD);
      // Ed25519 has one signature for a message.
      if (algorithm === 'Ed25519') {
        assert.deepEqual(bytes, await signSign1(PAYLOAD, { signer, ...options }));
      }
    }
  });
}

test('what is to be signed is the Sig_structure', async (t) => {
  const { signer } = await issuerFor(t);
  const { toBeSigned } = prepareSign1(PAYLOAD, { signer, keyId: null });
  const expected = signatureStructure(Uint8Array.of(0xa1, 1, 0x27), new Uint8Array(), PAYLOAD);
  assert.deepEqual(toBeSigned, expected);
});

test('a signature of another key, of other bytes or of no length is SIGNER_MISMATCH', async (t) => {
  const [{ signer }, other] = [await issuerFor(t), await issuerFor(t)];
  const { publicKey } = signer;
  const { toBeSigned, unsigned } = prepareSign1(PAYLOAD, { signer });
  const refused = failsWith('SIGNER_MISMATCH', { expected: publicKey.fingerprint });
  const signature = await signer.sign(toBeSigned);
  for (const wrong of [
    await other.signer.sign(toBeSigned),
    signature.subarray(1),
    new Uint8Array(),
    withBit(signature, 7),
  ]) {
    await assert.rejects(completeSign1(unsigned, wrong, { publicKey }), refused);
  }
  // What lay on a disk in between was changed.
  await assert.rejects(completeSign1(replaced(unsigned, 2, utf8('x')), signature, { publicKey }), refused);
  await assert.rejects(completeSign1(unsigned, signature, { publicKey, externalAad: utf8('x') }), refused);
});

test('something else than a prepared structure is refused', async (t) => {
  const { signer } = await issuerFor(t);
  const { publicKey } = signer;
  const done = await signSign1(PAYLOAD, { signer });
  const signed = failsWith('ARGUMENT_INVALID', { field: 'unsigned' });
  await assert.rejects(completeSign1(done, new Uint8Array(64), { publicKey }), signed);
  const malformed = failsWith('MALFORMED', { field: 'cose' });
  await assert.rejects(completeSign1(Uint8Array.of(0xa0), new Uint8Array(64), { publicKey }), malformed);
});
