// §1.3 to §1.8 and §2: what the claim169 library 0.3 writes, or cannot write.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import * as claim169 from 'hardkey/formats/claim169';
import { decode, encode, type Identity, inspect } from 'hardkey/formats/claim169';
import { decodeSign1 } from 'hardkey/formats/cose';
import { decodeHex } from '../../../../src/encoding/hex.ts';
import { compressText } from '../../../../src/formats/claim169/compress-text.ts';
import { compressionOf } from '../../../../src/formats/claim169/layers.ts';
import { rulesOf } from '../../../../src/formats/claim169/profile.ts';
import { authority, signer as certificateOf } from '../../../support/certificates.ts';
import { failsWith } from '../../../support/failures.ts';
import { signerOf } from '../../cose/support.ts';
import { ask, skip } from '../peer/ask.ts';
import { AT, compressedOf, contentOf, issuerFor, META } from '../support.ts';

test('nothing is written without a signature, and no option or function asks for it', async (t) => {
  const { signer } = await issuerFor(t);
  for (const options of [{}, { signer: undefined }, { signer: null }, { signer: 'issuer' }]) {
    const unsigned = encode({ id: '7' }, META, options as unknown as Parameters<typeof encode>[2]);
    await assert.rejects(unsigned, failsWith('ARGUMENT_INVALID', { field: 'signer' }));
  }
  const asked = encode({ id: '7' }, META, { signer, allowUnsigned: true } as Parameters<typeof encode>[2]);
  await assert.rejects(asked, failsWith('ARGUMENT_INVALID', { field: 'allowUnsigned' }));
  assert.ok(!Object.keys(claim169).some((name) => /unsigned|unverified/i.test(name)));
});

for (const algorithm of ['ES384', 'ES512'] as const) {
  test(`${algorithm}, which has a name there and no code, signs and verifies`, async (t) => {
    const { signer, trust } = await issuerFor(t, algorithm);
    const { text } = await encode({ id: '7' }, META, { signer });
    const { verification } = await decode(text, { trust, at: AT });
    assert.deepEqual([verification.status, verification.algorithm], ['verified', algorithm]);
  });
}

test('certificates are written, their chain is validated to a pinned root, and a hash is matched', async (t) => {
  const root = authority({ subject: 'root' });
  const leaf = certificateOf({ subject: 'signer', issuer: root });
  const signer = await signerOf(leaf);
  const { text } = await encode({ id: '7' }, META, { signer, certificates: [leaf.der, root.der] });
  const { headers } = decodeSign1(await contentOf(text));
  assert.ok(headers.protected.has(33));
  assert.equal((await decode(text, { trust: await createTrust(root.der), at: AT })).isVerified(), true);
  const stranger = await createTrust(authority({ subject: 'root' }).der);
  await assert.rejects(decode(text, { trust: stranger, at: AT }), failsWith('VERIFICATION_FAILED'));
  const { signer: other } = await issuerFor(t, 'ES256');
  const mismatched = encode({ id: '7' }, META, { signer: other, certificates: [leaf.der] });
  await assert.rejects(mismatched, failsWith('SIGNER_MISMATCH'));
});

test('a day of birth that is none is refused when it is written', async (t) => {
  const { signer } = await issuerFor(t);
  for (const dateOfBirth of ['1984', '19840230', '1984-04-18', '19841301', 'x']) {
    const refused = failsWith('ARGUMENT_INVALID', { field: 'identity.dateOfBirth' });
    await assert.rejects(encode({ dateOfBirth }, META, { signer }), refused, dateOfBirth);
  }
});

test('and there it is written, and cannot be read again', { skip }, () => {
  const seed = '11'.repeat(32);
  const [made] = ask([
    { op: 'encode', claim: { date_of_birth: '1984' }, meta: {}, key: seed, algorithm: 'EdDSA' },
  ]);
  assert.ok(made?.text);
  const [read] = ask([{ op: 'decode', text: made.text }]);
  assert.equal(read?.error, 'Claim169Exception');
});

test('fields that are not known are written again byte for byte, and fingers are written', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const identity: Identity = {
    bestQualityFingers: [1, 6],
    unknown: new Map([
      [24, decodeHex('c11a6a1c0000')],
      [99, decodeHex('1800')],
    ]),
  };
  const { text } = await encode(identity, META, { signer });
  assert.deepEqual((await decode(text, { trust, at: AT })).identity, identity);
});

test('the smallest legal compression is chosen, and what could be mistaken for another is not', async () => {
  const rules = rulesOf();
  const cose = new Uint8Array(300).fill(7);
  const { text, compression } = await compressText(cose, 'smallest', rules);
  for (const other of ['zlib', 'brotli'] as const) {
    assert.ok(text.length <= (await compressText(cose, other, rules)).text.length + 8);
  }
  assert.equal(compressionOf(compressedOf(text)), compression);
  // 78 9C and 78 DA are zlib; a 78 that the check of its header does not fit is none.
  assert.deepEqual(
    ['789c', '78da', '7801', '7800', '789d', '0b'].map((hex) => compressionOf(decodeHex(hex))),
    ['zlib', 'zlib', 'zlib', 'brotli', 'brotli', 'brotli'],
  );
});

test('a QR text has a bound before it is decoded', async (t) => {
  const { trust } = await issuerFor(t);
  const refused = failsWith('MALFORMED', { field: 'base45', offset: 16_384 });
  await assert.rejects(decode('0'.repeat(2 ** 24), { trust, at: AT }), refused);
  await assert.rejects(inspect('0'.repeat(2 ** 24)), refused);
});
