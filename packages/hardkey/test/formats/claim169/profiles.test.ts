import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, deflateSync } from 'node:zlib';
import {
  type DecodeOptions,
  decode,
  encode,
  type Identity,
  inspect,
  type Profile,
  profiles,
} from 'hardkey/formats/claim169';
import { verifyText } from 'hardkey/formats/claim169/verify';
import { decodeCose, encryptEncrypt0, signSign1 } from 'hardkey/formats/cose';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { encodeBase45 } from '../../../src/encoding/base45.ts';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { CborEncoded, type CborValue, decodeCbor, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { encodeCwt } from '../../../src/formats/cwt/claims.ts';
import { failsWith } from '../../support/failures.ts';
import { freshKey } from '../../support/fresh-key.ts';
import { AT, coseOf, type Issuer, issuerFor, META, textOf } from './support.ts';

const IDENTITY: Identity = {
  id: '1',
  fullName: 'Ada',
  face: [{ data: Uint8Array.of(1), format: 0, subFormat: 1 }],
};
const MAP = new Map<CborValue, CborValue>([[1, 'A']]);
const wrapped = encodeCwt(META, new Map([[169, encodeCbor(MAP)]]));
const bare = encodeCwt(META, new Map([[169, MAP]]));
const TAG = Uint8Array.of(0xd8, 61);

for (const profile of profiles) {
  test(`${profile} reads what it writes, signed and encrypted, and says so`, async (t) => {
    const { signer, trust } = await issuerFor(t);
    const key = await freshKey(t, 'A256GCM');
    for (const options of [{}, { encryptTo: key }]) {
      const { text } = await encode(IDENTITY, META, { signer, profile, ...options });
      const decoded = await decode(text, { trust, at: AT, profile, decryptWith: key });
      assert.deepEqual([decoded.identity, decoded.meta, decoded.profile], [IDENTITY, META, profile]);
      assert.deepEqual([decoded.isVerified(), decoded.verification.keyId], [true, signer.publicKey.id]);
    }
  });
}

/** Texts that one profile reads, by how they were made. */
async function texts(issuer: Issuer): Promise<Readonly<Record<string, readonly [string, Profile]>>> {
  const { signer } = issuer;
  const cose = await signSign1(bare, { signer });
  const mosip = concat(TAG, await signSign1(wrapped, { signer }));
  return {
    'without compression': [encodeBase45(cose), 'claim169-0.3'],
    'in Brotli': [encodeBase45(brotliCompressSync(cose)), '1.2.1'],
    'with the tag of a CWT': [textOf(concat(TAG, cose)), 'mosip'],
    'with the identity in a byte string': [textOf(await signSign1(wrapped, { signer })), 'mosip'],
    'with both': [textOf(mosip), 'mosip'],
    'in hexadecimal': [encodeBase45(deflateSync(utf8(encodeHex(mosip)))), 'mosip'],
    'in upper-case hexadecimal without a tag': [
      encodeBase45(deflateSync(utf8(encodeHex(cose).toUpperCase()))),
      'mosip',
    ],
  };
}

test('a credential in another profile is MALFORMED and names the profile that reads it', async (t) => {
  const issuer = await issuerFor(t);
  for (const [how, [text, right]] of Object.entries(await texts(issuer))) {
    assert.equal((await inspect(text)).profile, right, how);
    for (const profile of profiles) {
      const options = { trust: issuer.trust, at: AT, profile };
      if (profile === right) {
        const decoded = await decode(text, options);
        assert.deepEqual(
          [decoded.identity, decoded.profile, decoded.isVerified()],
          [{ id: 'A' }, right, true],
          how,
        );
        continue;
      }
      const details = { expected: profile, actual: right };
      await assert.rejects(decode(text, options), failsWith('MALFORMED', details), `${how} as ${profile}`);
    }
  }
});

test('a credential of 1.2.1 in zlib is one of claim169-0.3, and none of mosip', async (t) => {
  const issuer = await issuerFor(t);
  const { text } = await encode(IDENTITY, META, { signer: issuer.signer, compression: 'zlib' });
  const { isVerified } = await decode(text, { trust: issuer.trust, at: AT, profile: 'claim169-0.3' });
  assert.equal(isVerified(), true);
  const refused = failsWith('MALFORMED', { field: 'cose', expected: 'mosip', actual: '1.2.1' });
  await assert.rejects(decode(text, { trust: issuer.trust, at: AT, profile: 'mosip' }), refused);
});

test('the tag of a CWT inside the encryption is of mosip, too', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const key = await freshKey(t, 'A256GCM');
  const inside = textOf(await encryptEncrypt0(concat(TAG, await signSign1(bare, { signer })), key));
  const options = { trust, at: AT, decryptWith: key };
  assert.equal((await decode(inside, { ...options, profile: 'mosip' })).isVerified(), true);
  await assert.rejects(decode(inside, options), failsWith('MALFORMED', { field: 'cose', actual: 'mosip' }));
});

test('mosip writes tag 61, a byte string, the kid unprotected, and one sample without a list', async (t) => {
  const { signer } = await issuerFor(t, 'ES256');
  const cose = await coseOf((await encode(IDENTITY, META, { signer, profile: 'mosip' })).text);
  assert.equal(encodeHex(cose.subarray(0, 4)), 'd83dd284');
  const [protectedBytes, unprotected, payload] = decodeCose(cose.subarray(2)).elements;
  assert.deepEqual(protectedBytes, decodeHex('a10126'));
  assert.deepEqual(unprotected, new Map([[4, utf8(signer.publicKey.id)]]));
  const claims = decodeCbor(payload as Uint8Array) as ReadonlyMap<CborValue, CborValue>;
  const identity = claims.get(169);
  assert.ok(identity instanceof Uint8Array);
  const sample = new Map<CborValue, CborValue>([
    [0, Uint8Array.of(1)],
    [1, 0],
    [2, 1],
  ]);
  assert.deepEqual(
    decodeCbor(identity),
    new Map<CborValue, CborValue>([
      [1, '1'],
      [4, 'Ada'],
      [62, sample],
    ]),
  );
  const two = { face: [...(IDENTITY.face ?? []), ...(IDENTITY.face ?? [])] };
  const listed = await encode(two, META, { signer, profile: 'mosip' });
  const read = await decode(listed.text, { allowUnsigned: true, at: AT, profile: 'mosip' });
  assert.deepEqual(read.identity, two);
});

/** What the issuers of a profile write for a field, and what it is read as. */
const LENIENT = [
  ['mosip', 9, '2', { gender: 2 }],
  ['mosip', 17, '4', { photoFormat: 4 }],
  ['mosip', 16, 'ffd8', { photo: decodeHex('ffd8') }],
  ['mosip', 16, '/9j/', { photo: decodeHex('ffd8ff') }],
  [
    'mosip',
    62,
    new Map<CborValue, CborValue>([
      [0, '/9j/'],
      [1, '0'],
    ]),
    { face: [{ data: decodeHex('ffd8ff'), format: 0 }] },
  ],
  ['claim169-0.3', 16, 'FFD8', { photo: decodeHex('ffd8') }],
] as const;

test('text for numbers and for bytes is read in its profile, with a warning, and refused when strict', async (t) => {
  const { signer, trust } = await issuerFor(t);
  for (const [profile, label, value, identity] of LENIENT) {
    const map = encodeCbor(new Map<CborValue, CborValue>([[label, value]]));
    const item = profile === 'mosip' ? map : new CborEncoded(map);
    const text = textOf(
      await signSign1(encodeCwt(META, new Map<CborValue, CborValue>([[169, item]])), { signer }),
    );
    const decoded = await decode(text, { trust, at: AT, profile });
    assert.deepEqual(decoded.identity, identity);
    assert.ok(decoded.warnings.length > 0 && decoded.warnings.every(({ code }) => code === 'other-encoding'));
    await assert.rejects(decode(text, { trust, at: AT, profile, strict: true }), failsWith('MALFORMED'));
  }
});

test('claim169-0.3 holds what its readers hold: algorithms, whole seconds, days, readers with the key', async (t) => {
  const { signer } = await issuerFor(t);
  const profile = 'claim169-0.3';
  const other = await issuerFor(t, 'ES384');
  const wrong = failsWith('UNSUPPORTED', { field: 'signer', algorithm: 'ES384' });
  await assert.rejects(encode({ id: '1' }, META, { signer: other.signer, profile }), wrong);
  const [rsa, chacha] = [
    await freshKey(t, 'RSA-OAEP-256', { bits: 2048 }),
    await freshKey(t, 'ChaCha20-Poly1305'),
  ];
  for (const encryptTo of [rsa, chacha]) {
    const refused = failsWith('UNSUPPORTED', { field: 'encryptTo' });
    await assert.rejects(encode({ id: '1' }, META, { signer, profile, encryptTo }), refused);
  }
  const half = failsWith('ARGUMENT_INVALID', { field: 'meta.expiresAt' });
  await assert.rejects(encode({ id: '1' }, { expiresAt: 1.5 }, { signer, profile }), half);
  const brotli = failsWith('UNSUPPORTED', { field: 'compression' });
  await assert.rejects(encode({ id: '1' }, {}, { signer, profile, compression: 'brotli' }), brotli);
  const day = failsWith('ARGUMENT_INVALID', { field: 'identity.dateOfBirth' });
  await assert.rejects(encode({ dateOfBirth: '1984-02-30' }, {}, { signer, profile }), day);
  const { warnings } = await encode(
    { dateOfBirth: '1984-02-28', language: 'English', photo: Uint8Array.of(1) },
    {},
    { signer, profile },
  );
  assert.deepEqual(warnings, []);
});

test('claim169-0.3 writes no kid into what is encrypted unless it is asked to', async (t) => {
  const { signer } = await issuerFor(t);
  const key = await freshKey(t, 'A256GCM');
  const kid = async (profile: Profile, more = {}) =>
    (await inspect((await encode({ id: '1' }, META, { signer, profile, encryptTo: key, ...more })).text))
      .keyId;
  assert.deepEqual(
    [await kid('claim169-0.3'), await kid('claim169-0.3', { encryptionKeyId: 'k' }), await kid('1.2.1')],
    [undefined, 'k', key.key.id],
  );
});

test('without compression, the limit on content holds, and what is no COSE is MALFORMED', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const cose = await signSign1(bare, { signer });
  const options: DecodeOptions = { trust, at: AT, profile: 'claim169-0.3' };
  const refused = failsWith('MALFORMED', { field: 'compression' });
  const text = encodeBase45(cose);
  assert.equal((await verifyText(text, options)).compression, 'none');
  await assert.rejects(decode(text, { ...options, maxDecompressedBytes: cose.length - 1 }), refused);
  for (const bytes of [concat(cose, Uint8Array.of(0)), cose.subarray(2), new Uint8Array(), utf8('abcdef')]) {
    await assert.rejects(decode(encodeBase45(bytes), options), refused);
  }
});

test('hexadecimal that is not whole, or of nothing, is MALFORMED', async (t) => {
  const { trust } = await issuerFor(t);
  for (const content of ['', 'd28', 'zz', 'd2']) {
    const text = encodeBase45(deflateSync(utf8(content)));
    const options = { trust, at: AT, profile: 'mosip' } as const;
    await assert.rejects(decode(text, options), failsWith('MALFORMED', { field: 'cose' }));
  }
});

const folder = vectors('claim169');

test('the worked example of the specification is read in the profile mosip', {
  skip: folder.missing ?? false,
}, async () => {
  const name = 'spec-1.2-worked-example-tag61-bstr169.json';
  const { qr_data: text, cwt_hex: hex } = JSON.parse(readFileSync(join(folder.path, 'extra', name), 'utf8'));
  const options = { allowUnsigned: true, at: AT, profile: 'mosip' } as const;
  const { identity, meta, warnings } = await decode(text, options);
  const { face, ...plain } = identity;
  assert.deepEqual(plain, {
    id: '3918592438',
    fullName: 'Janardhan BS',
    dateOfBirth: '19840418',
    gender: 1,
    address: 'New House, Near Metro Line, Bengaluru, KA',
    email: 'janardhan@example.com',
    phone: '+919876543210',
    nationality: 'IN',
  });
  assert.deepEqual(
    face?.map(({ data, format, subFormat }) => [data.length, format, subFormat]),
    [[484, 0, 4]],
  );
  assert.deepEqual(meta, {
    issuer: 'www.mosip.io',
    expiresAt: 1_787_912_445,
    notBefore: 1_756_376_445,
    issuedAt: 1_756_376_445,
  });
  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    [
      ['unprotected-header', 'cose.4'],
      ['other-encoding', 'identity.gender'],
    ],
  );
  // As pixelpass makes it of the hexadecimal that the key manager returns.
  const layered = encodeBase45(deflateSync(utf8(hex), { level: 9 }));
  assert.deepEqual((await decode(layered, options)).identity, identity);
  const inspected = await inspect(text);
  assert.deepEqual([inspected.profile, inspected.keyId, inspected.algorithm], ['mosip', 'k-1101', 'Ed25519']);
  for (const profile of ['1.2.1', 'claim169-0.3'] as const) {
    const refused = failsWith('MALFORMED', { field: 'cose', expected: profile, actual: 'mosip' });
    await assert.rejects(decode(text, { ...options, profile }), refused);
  }
});
